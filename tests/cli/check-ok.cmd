iovsim check tiny.yaml swept.yaml regime-low
