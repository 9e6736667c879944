"""What is true of a learning community, in plain Python: no I/O, no clock (now is an argument), frozen values.

A user's mistake is answered by value, with None or a small refusal, and never by an exception. Every number says where
it comes from: R1 to R108 are the requirements read off the community guide, 5.2 and the like are sections of the
handbook, and a number that was only chosen says so.
"""
