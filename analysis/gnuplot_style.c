/* Colours, widths and shapes. */
#include "analysis/gnuplot_private.h"

struct style {
    uint32_t colour;
    const char *width;
    int shape, open; /* filled, and the same one open */
    const char *size;
};

/*
 * Colours by Okabe and Ito, told apart by colour-blind eyes. The strategies come first; bare metal is a wide grey band
 * with large open circles, so that what coincides with it is seen on top of it.
 */
static const struct style styles[] = {
    {0x999999, "7", 6, 7, "2.1"},     {0xD55E00, "2.5", 5, 4, "1.3"}, {0x0072B2, "2.5", 9, 8, "1.6"},
    {0x009E73, "2.5", 13, 12, "1.6"}, {0xCC79A7, "2.5", 7, 6, "1.3"}, {0xE69F00, "2.5", 11, 10, "1.6"},
    {0x56B4E9, "2.5", 15, 14, "1.5"}, {0x444444, "2.5", 2, 1, "1.5"}, {0xA65628, "2.5", 3, 1, "1.5"},
    {0xB2AD00, "2.5", 4, 5, "1.3"},
};

enum { STYLES = sizeof(styles) / sizeof(styles[0]), OTHER = 4 };

/* Beyond the last style, those of no strategy come again. */
static const struct style *style_at(size_t style)
{
    return &styles[style < STYLES ? style : OTHER + (style - OTHER) % (STYLES - OTHER)];
}

uint32_t gnuplot_colour(size_t style)
{
    return style_at(style)->colour;
}

static uint32_t blend(uint32_t part, double share)
{
    return (uint32_t)(255 - (255 - (double)part) * share + 0.5);
}

uint32_t gnuplot_pale(size_t style, double share)
{
    uint32_t colour = style_at(style)->colour;
    return blend(colour >> 16, share) << 16 | blend(colour >> 8 & 0xff, share) << 8 |
           blend(colour & 0xff, share);
}

void gnuplot_put_style(size_t style, size_t variant, FILE *out)
{
    static const char *const dashes[] = {"solid", "(10,5)", "(3,4)"};
    const struct style *shown = style_at(style);
    fprintf(out, " linecolor rgb '#%06X' linewidth %s dashtype %s pointtype %d pointsize %s*scale",
            (unsigned)shown->colour, variant ? "2.5" : shown->width, dashes[variant % 3],
            variant % 2 ? shown->open : shown->shape, shown->size);
}
