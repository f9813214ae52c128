#include <assert.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/evidence.h"

extern char **environ; /* as POSIX has it: in no header */

/* One panel a signal, one above the other on one axis of time: treatment falls where production does not. */
enum {
    PANELS_MAX = 8,
    WIDTH = 1000,
    LEFT = 90,
    RIGHT = 50,
    TOP = 86,
    MARKS =
        46, /* where the words of the marks stand, between the title and the first panel's label */
    PANEL = 120,
    GAP = 34,
    TICKS = 6,
    LINES_MAX = 4, /* of a panel */
};

struct chart {
    const struct evidence *evidence;
    const struct curve *panels[PANELS_MAX];
    size_t panel_count;
    int64_t from_ms, to_ms;
    FILE *file;
};

static double x_of(const struct chart *chart, int64_t ms)
{
    double share = (double)(ms - chart->from_ms) / (double)(chart->to_ms - chart->from_ms);
    return LEFT + share * (WIDTH - LEFT - RIGHT);
}

static void put_text(FILE *file, struct slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        switch (text.ptr[i]) {
        case '<':
            fputs("&lt;", file);
            break;
        case '&':
            fputs("&amp;", file);
            break;
        default:
            fputc(text.ptr[i], file);
        }
    }
}

static int by_time(const void *a, const void *b)
{
    const struct curve_point *left = a, *right = b;
    return (left->ms > right->ms) - (left->ms < right->ms);
}

/* Runs of values without a gap; what is not usable breaks the curve and stands below it as a red tick. A mean is
 * a step from where its period begins to where it ends; the first of a run is written twice, so that a lone one is a dot. */
static void draw_curve(const struct chart *chart, const struct curve *curve, double top)
{
    const struct curve_bounds bounds = curve_bounds_of(chart->evidence, curve);
    int64_t gap_ms = curve_gap(chart->evidence, curve);
    int64_t length_ms = curve_length(chart->evidence, curve);
    bool open = false;
    int64_t last_ms = 0;
    for (size_t i = 0; i < curve->count; i++) {
        const struct curve_point *point = &curve->points[i];
        bool goes_on = open && point->usable && point->ms - last_ms <= gap_ms;
        if (open && !goes_on) {
            fputs("\"/>\n", chart->file);
            open = false;
        }
        double x = x_of(chart, point->ms);
        if (!point->usable) {
            fprintf(chart->file,
                "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#c00\"/>\n", x,
                top + PANEL + 1, x, top + PANEL + 6);
            continue;
        }
        double y = top + PANEL * (1 - (point->value - bounds.low) / (bounds.high - bounds.low));
        fprintf(chart->file, open ? " %.1f,%.1f" : "<polyline class=\"curve\" points=\"%.1f,%.1f",
            x, y);
        if (!open || length_ms > 0) {
            fprintf(chart->file, " %.1f,%.1f", x_of(chart, point->ms + length_ms), y);
        }
        open = true;
        last_ms = point->ms;
    }
    fputs(open ? "\"/>\n" : "", chart->file);
}

static void put_line_label(
    const struct chart *chart, const struct chart_line *line, double y, bool left, bool beyond)
{
    FILE *file = chart->file;
    fprintf(file, "<text x=\"%d\" y=\"%.1f\" class=\"limit-%s\">%s ",
        left ? LEFT + 4 : WIDTH - RIGHT - 4, y, left ? "left" : "right",
        slice_is(line->name, "limit") || slice_is(line->name, "policy_limit") ? "限值" : "阈值");
    put_text(file, line->name);
    fprintf(file, line->name.size > 0 ? " %.4g " : "%.4g ", line->number);
    put_text(file, chart->evidence->registry.signals[line->signal].unit);
    fprintf(file, "%s</text>\n", beyond ? " ↑" : "");
}

/* What the rule compares the curve with. Labels take turns at both ends, so that two that lie close can be read. */
static void draw_lines(const struct chart *chart, const struct curve *curve, double top)
{
    const struct curve_bounds bounds = curve_bounds_of(chart->evidence, curve);
    int drawn = 0;
    for (size_t i = 0; i < chart->evidence->line_count && drawn < LINES_MAX; i++) {
        const struct chart_line *line = &chart->evidence->lines[i];
        if (line->signal != curve->signal) {
            continue;
        }
        bool beyond = line->number > bounds.high;
        double y = top + PANEL * (1 - (line->number - bounds.low) / (bounds.high - bounds.low));
        if (!beyond) {
            fprintf(chart->file,
                "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" class=\"limit\"/>\n", LEFT, y,
                WIDTH - RIGHT, y);
        }
        put_line_label(chart, line, beyond || y < top + 12 ? top + 11 : y - 3, drawn % 2, beyond);
        drawn += 1;
    }
}

static void put_label(const struct chart *chart, const struct curve *curve, double top)
{
    const struct registry *registry = &chart->evidence->registry;
    const struct signal *signal = &registry->signals[curve->signal];
    const struct curve_bounds bounds = curve_bounds_of(chart->evidence, curve);
    FILE *file = chart->file;
    fprintf(file, "<text x=\"%d\" y=\"%.1f\" class=\"label\">", LEFT, top - 6);
    if (signal->equipment != NONE) {
        put_text(file, registry->equipment[signal->equipment].name);
        fputc(' ', file);
    }
    put_text(file, signal->quantity);
    fputs(signal->unit.size > 0 ? " (" : "", file);
    put_text(file, signal->unit);
    fputs(signal->unit.size > 0 ? ")" : "", file);
    fputs("  MN ", file);
    put_text(file, registry->devices[signal->device].mn);
    fputc(' ', file);
    put_text(file, signal->factor);
    fputs(signal->field.size > 0 ? "-" : "", file);
    put_text(file, signal->field);
    fprintf(file, "</text>\n<text x=\"%d\" y=\"%.1f\" class=\"scale\">%.4g</text>\n", LEFT - 6,
        top + 9, bounds.high);
    fprintf(file, "<text x=\"%d\" y=\"%.1f\" class=\"scale\">%.4g</text>\n", LEFT - 6, top + PANEL,
        bounds.low);
}

/* When it began, was raised and went over, through all panels. */
static void put_marks(const struct chart *chart, double bottom)
{
    size_t index;
    json_t *transition;
    json_array_foreach(chart->evidence->transitions, index, transition)
    {
        const char *to = json_string_value(json_object_get(transition, "to"));
        const char *at =
            json_string_value(json_object_get(transition, index == 0 ? "onset" : "at"));
        struct event_time time;
        bool over = to != NULL && strncmp(to, "cleared", 7) == 0;
        if (at == NULL || (index > 0 && !over) || !event_time_from_rfc3339(slice_of(at), &time) ||
            time.ms < chart->from_ms || time.ms > chart->to_ms) {
            continue;
        }
        double x = x_of(chart, time.ms);
        fprintf(chart->file,
            "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%.1f\" class=\"%s\"/>\n"
            "<text x=\"%.1f\" y=\"%d\" class=\"mark%s\">%s</text>\n",
            x, MARKS - 10, x, bottom, over ? "over" : "onset", over ? x + 3 : x - 3, MARKS,
            over ? "" : " onset-mark", over ? "恢复 over" : "发生 onset");
    }
}

static void put_axis(const struct chart *chart, double bottom)
{
    for (int i = 0; i <= TICKS; i++) {
        char text[RFC3339_SIZE + 1];
        int64_t ms = chart->from_ms + (chart->to_ms - chart->from_ms) * i / TICKS;
        event_time_write((struct event_time){ms}, text);
        fprintf(chart->file, "<text x=\"%.1f\" y=\"%.1f\" class=\"time\">%.5s %.8s</text>\n",
            x_of(chart, ms), bottom + 18, text + 5, text + 11);
    }
}

static void put_head(const struct chart *chart, double height)
{
    const json_t *title = json_object_get(json_array_get(chart->evidence->transitions, 0), "title");
    const char *zh = json_string_value(json_object_get(title, "zh"));
    const char *en = json_string_value(json_object_get(title, "en"));
    fprintf(chart->file,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%.0f\" viewBox=\"0 0 %d "
        "%.0f\">\n"
        "<style>text{font-family:'WenQuanYi Micro Hei','Noto Sans CJK "
        "SC',sans-serif;font-size:12px;fill:#222}"
        ".scale{text-anchor:end;font-size:11px}.time{text-anchor:middle;font-size:11px}"
        ".title{font-size:16px;font-weight:bold}.curve{fill:none;stroke:#1565c0;stroke-width:1.5;"
        "stroke-linecap:round;stroke-linejoin:round}"
        ".frame{fill:#fafafa;stroke:#bbb}.onset{stroke:#c62828;stroke-dasharray:5 3}"
        ".over{stroke:#2e7d32;stroke-dasharray:5 3}.mark{font-size:11px}"
        ".limit{stroke:#e65100;stroke-dasharray:2 3}.limit-left,.limit-right{font-size:11px;"
        "fill:#e65100;paint-order:stroke;stroke:#fafafa;stroke-width:3px}"
        ".limit-right,.onset-mark{text-anchor:end}</style>\n"
        "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n<text x=\"%d\" y=\"24\" "
        "class=\"title\">",
        WIDTH, height, WIDTH, height, LEFT);
    put_text(chart->file, slice_of(zh == NULL ? "" : zh));
    fputs("  ", chart->file);
    put_text(chart->file, slice_of(en == NULL ? "" : en));
    fputs("  ", chart->file);
    put_text(chart->file, slice_of(evidence_word(chart->evidence, "subject")));
    fputs("</text>\n", chart->file);
}

static bool lay_out(struct chart *chart, struct evidence *evidence)
{
    for (size_t i = 0; i < evidence->curve_count; i++) {
        struct curve *curve = &evidence->curves[i];
        if (curve->count == 0 || chart->panel_count == PANELS_MAX) {
            continue;
        }
        qsort(curve->points, curve->count, sizeof *curve->points, by_time);
        int64_t first_ms = curve->points[0].ms;
        int64_t last_ms = curve->points[curve->count - 1].ms + curve_length(evidence, curve);
        bool none = chart->panel_count == 0;
        chart->from_ms = none || first_ms < chart->from_ms ? first_ms : chart->from_ms;
        chart->to_ms = none || last_ms > chart->to_ms ? last_ms : chart->to_ms;
        chart->panels[chart->panel_count++] = curve;
    }
    chart->to_ms += chart->to_ms == chart->from_ms ? SECOND_MS : 0;
    return chart->panel_count > 0;
}

static void draw(const struct chart *chart)
{
    double bottom = TOP + (double)chart->panel_count * (PANEL + GAP) - GAP + 8;
    put_head(chart, bottom + 34);
    for (size_t i = 0; i < chart->panel_count; i++) {
        double top = TOP + (double)i * (PANEL + GAP);
        fprintf(chart->file,
            "<rect x=\"%d\" y=\"%.1f\" width=\"%d\" height=\"%d\" class=\"frame\"/>\n", LEFT, top,
            WIDTH - LEFT - RIGHT, PANEL);
        put_label(chart, chart->panels[i], top);
        draw_lines(chart, chart->panels[i], top);
        draw_curve(chart, chart->panels[i], top);
    }
    put_marks(chart, bottom);
    put_axis(chart, bottom);
    fputs("</svg>\n", chart->file);
}

/* The picture as a program of Debian's librsvg makes it; without that there is only the SVG. */
static bool make_png(struct evidence *evidence)
{
    char svg[EVIDENCE_PATH_SIZE], png[EVIDENCE_PATH_SIZE];
    char program[] = "rsvg-convert", to[] = "-o";
    evidence_path(evidence, "chart.svg", svg);
    evidence_path(evidence, "chart.png", png);
    char *arguments[] = {program, to, png, svg, NULL};
    pid_t child;
    int status;
    if (posix_spawnp(&child, program, NULL, NULL, arguments, environ) != 0 ||
        waitpid(child, &status, 0) != child || status != 0) {
        fputs(
            "hjhub evidence: chart.png is left out: rsvg-convert (package librsvg2-bin) is needed "
            "for it\n",
            stderr);
        return true;
    }
    return evidence_note(evidence, "chart.png");
}

int evidence_write_chart(struct evidence *evidence)
{
    struct chart chart = {.evidence = evidence};
    if (!lay_out(&chart, evidence)) {
        return EXIT_FINE; /* the rule reads no number, or none came: there is nothing to draw */
    }
    chart.file = evidence_open(evidence, "chart.svg");
    if (chart.file == NULL) {
        return EXIT_COULD_NOT;
    }
    draw(&chart);
    return evidence_close(chart.file) && make_png(evidence) ? EXIT_FINE : EXIT_COULD_NOT;
}
