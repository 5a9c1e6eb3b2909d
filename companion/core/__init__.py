"""The pure heart: cases, marking, turn events. No I/O, threads, engines or screens."""
