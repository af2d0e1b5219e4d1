"""What is wrong with a file, and where in it."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError


class InputError(ValueError):
    """Something in the input cannot be used. ``path`` is the key's path, such as ``jobs.3.delivery``."""

    def __init__(self, path: str, sentence: str) -> None:
        super().__init__(f"{path}: {sentence}" if path else sentence)
        self.path = path


Model = TypeVar("Model", bound=BaseModel)


def parsed(model: type[Model], json: bytes | str) -> Model:
    """JSON as this class. Raises ``InputError`` with the path of the first thing that is wrong."""
    try:
        return model.model_validate_json(json)
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join(str(part) for part in first["loc"])
        sentences = {
            "extra_forbidden": "this key is not supported",
            "missing": "this key is missing",
            "too_long": "this key is supported only where it is empty",
        }
        raise InputError(path, sentences.get(first["type"], first["msg"].removeprefix("Value error, "))) from None
