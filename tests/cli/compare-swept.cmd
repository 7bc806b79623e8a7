iovsim compare swept.yaml -q | grep "rate = " 
