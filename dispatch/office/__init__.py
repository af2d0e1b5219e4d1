"""The one-stop officer's desk: papers come in, are processed, and go out again."""
