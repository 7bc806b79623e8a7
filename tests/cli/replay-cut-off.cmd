iovsim run replay -q --set duration=1ms --strategies native | grep "frames of the capture"
iovsim explain replay -q --set duration=1ms --strategies native | grep "frames of the capture"
iovsim run replay -q --strategies native | grep -c "frames of the capture were"; true
