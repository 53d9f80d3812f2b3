"""When things happened: kernel stamps, request timings, turns on the event loop."""
