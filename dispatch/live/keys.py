"""The key pair of web push (RFC 8292): the private half stands in the settings, the public one follows from it."""

from base64 import urlsafe_b64encode

from cryptography.hazmat.primitives.asymmetric import ec


def new_key() -> str:
    """A new private key: 32 bytes, base64url."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()
