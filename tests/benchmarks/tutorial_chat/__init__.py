"""The chat that Channels' tutorial ends with, plus what everybody adds first: who says it, and a row for each message.

What most people would write instead of this product; `make bench` measures both in the same run.
"""
