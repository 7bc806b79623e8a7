iovsim run regime-lwo
