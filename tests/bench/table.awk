# Reads "CONTENDER ROUND RATE" lines and prints the table of medians, ratios and targets.

{ rate[$1, $2] = $3; present[$1] = 1 }

# The median of v[1 .. n], which it sorts.
function median(v, n,    i, j, x)
{
    for (i = 2; i <= n; i++) {
        x = v[i]
        for (j = i - 1; j >= 1 && v[j] > x; j--)
            v[j + 1] = v[j]
        v[j + 1] = x
    }
    return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}

function median_rate(name,    v, i)
{
    for (i = 1; i <= rounds; i++)
        v[i] = rate[name, i]
    return median(v, rounds)
}

function median_ratio(name, other,    v, i)
{
    for (i = 1; i <= rounds; i++)
        v[i] = rate[name, i] / rate[other, i]
    return median(v, rounds)
}

function row(text, name, other, comparator, target,    ratio)
{
    if (!present[other]) {
        printf "%-34s %12.0f  %-24s\n", text, median_rate(name), comparator ": not built"
        return
    }
    ratio = median_ratio(name, other)
    printf "%-34s %12.0f  %-24s %12.0f %7.2f ", text, median_rate(name), comparator, median_rate(other), ratio
    if (target == "")
        printf "%7s  -\n", "-"
    else
        printf "%7.1f  %s\n", target, (ratio >= target ? "met" : "missed")
}

END {
    printf "%-34s %12s  %-24s %12s %7s %7s\n", "benchmark", "iovsim [1/s]", "comparator", "[1/s]", "ratio", "target"
    row("events, 16 pending", "hold16", "hold16.systemc", "SystemC", 3.5)
    row("events, 256 pending", "hold256", "hold256.systemc", "SystemC", 3.5)
    row("events, 4096 pending", "hold4096", "hold4096.systemc", "SystemC", 3.5)
    row("packets, VF transmit path", "vf", "vf.systemc", "SystemC", 4)
    row("packets, VF transmit path", "vf", "vf.computed", "SystemC, delays computed", "")
    row("packets, VF against UDP", "vf", "vf.ns3", "ns-3 point-to-point", 10)
    printf "(medians of %d rounds; a ratio is the median of the rounds' ratios)\n", rounds
}
