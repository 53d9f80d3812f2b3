"""The image: its Dockerfile read by tests, and a program that builds it and runs it (`make image-check`)."""
