"""The ground of live delivery: one hub for each process, one socket for each open page."""
