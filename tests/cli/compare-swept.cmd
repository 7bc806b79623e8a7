iovsim compare swept.yaml -q --set repeat=1 | grep "rate = " 
