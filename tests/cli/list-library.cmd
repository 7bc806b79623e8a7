iovsim list scenarios | sed -n "s/^textbook  *regime-low .*/there is a textbook/p"
