"""Phones that drop out, resend and lie about the time, against server processes that are killed."""
