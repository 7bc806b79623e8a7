iovsim list forms
