"""The third platform: a local room in a browser, so that Kring runs without an account anywhere."""
