for command in run compare sweep plot figures explain check list schema reference diff; do
    iovsim "$command" --help | head -n 1
done
