"""Pictures in a bucket of a server that speaks S3 (docs.aws.amazon.com/AmazonS3/latest/API): `FILES_URL`."""

from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from dispatch.config import ConfigurationError, Settings
from dispatch.custody.store import StoreUnreachable

TIMEOUT_S = 10
TRIES = 3


class BucketStore:
    """Objects under a prefix of one bucket; the same three functions as a folder.

    Raises StoreUnreachable where the server does not answer or does not let us in.
    """

    def __init__(self, client: Any, bucket: str, prefix: str) -> None:
        self._client, self._bucket, self._prefix = client, bucket, prefix
        self.place = f"s3://{bucket}/{prefix}"

    def put(self, name: str, content: bytes) -> None:
        self._ask("put_object", name, Body=content)

    def get(self, name: str) -> bytes | None:
        answer = self._ask("get_object", name)
        return answer["Body"] if answer else None

    def delete(self, name: str) -> None:
        self._ask("delete_object", name)

    def _ask(self, what: str, name: str, **more: Any) -> dict[str, Any] | None:
        """The answer, with its body read; None where no such object is there."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = getattr(self._client, what)(Bucket=self._bucket, Key=self._prefix + name, **more)
            return {**answer, "Body": answer["Body"].read()} if "Body" in answer else answer
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code == "NoSuchKey":
                return None
            raise StoreUnreachable(f"{what}: {code}") from error
        except BotoCoreError as error:
            raise StoreUnreachable(f"{what}: {type(error).__name__}") from error


def bucket_of(settings: Settings) -> BucketStore:
    """The bucket of the settings; nothing is asked of the server yet. Raises ConfigurationError without boto3."""
    if find_spec("boto3") is None:
        raise ConfigurationError(
            "FILES_URL cần gói boto3 (needs boto3): hãy chạy .venv/bin/pip install '.[s3]' rồi khởi động lại."
        )
    import boto3
    from botocore.config import Config

    client = boto3.session.Session().client(
        "s3",
        endpoint_url=settings.files_endpoint or None,
        region_name=settings.files_region,
        aws_access_key_id=settings.files_key_id,
        aws_secret_access_key=settings.files_secret,
        config=Config(
            connect_timeout=TIMEOUT_S,
            read_timeout=TIMEOUT_S,
            retries={"total_max_attempts": TRIES, "mode": "standard"},
            # Other servers than Amazon's know neither its newer checksums nor names of buckets as hosts.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "path" if settings.files_endpoint else "auto"},
        ),
    )
    url = urlsplit(settings.files_url)
    prefix = url.path.strip("/")
    return BucketStore(client, url.netloc, f"{prefix}/" if prefix else "")
