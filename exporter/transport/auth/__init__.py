"""Request authentication beyond a fixed header: AWS signatures, Google tokens."""
