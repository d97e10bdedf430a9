"""What machines ask this process: whether it lives, whether it can work, and its figures.

Answered before Django sees anything: no session, no host to check, and also when every thread is busy.
"""
