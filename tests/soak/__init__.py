"""A long run of the real daemon between a hostile vendor, a hostile client and reloads (`make soak`)."""
