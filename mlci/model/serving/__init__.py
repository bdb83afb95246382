"""What a worker runs of mlci's own to serve a saved model: standard library at the top, Python 3.8 and later.

The worker loads `entry.py` by its path; mlci need not be installed where the project's code runs. Frameworks are
imported inside the adapter that needs them.
"""
