package org.jauss.report;

/** The style sheets: colours that tell lines apart for people with any kind of colour vision, on light and dark. */
final class Style {
    /** How many colours there are for lines; further lines use them again, dashed. */
    static final int COLOURS = 8;

    /** The colours on light ground, after Okabe and Ito (2008), darkened where they would be too pale for a line. */
    static final int[] LIGHT = {0x0068A8, 0xD55E00, 0x00805C, 0xB0478A, 0x8A6D00, 0x2B96CC, 0x6A4C9C, 0x555555};

    private static final int[] DARK = {0x58A9E0, 0xFF9A4D, 0x2FC79A, 0xE38AC0, 0xE3C23A, 0x8FD0F2, 0xB39DE0, 0xB5B5B5};

    static final String OF_FIGURES = """
            :root{color-scheme:light dark;--ground:#fff;--card:#fff;--ink:#1d2126;--muted:#5d6670;--rule:#e3e6ea;\
            --heat:0,104,168;--miss:213,94,0;--wrong:#c0392b;--right:#00805c%s}
            @media (prefers-color-scheme:dark){:root{--ground:#14171a;--card:#1c2024;--ink:#e7eaed;--muted:#9aa4ae;\
            --rule:#32383e;--heat:88,169,224;--miss:255,154,77;--wrong:#ff8577;--right:#2fc79a%s}}
            svg{font:11px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
            svg text{fill:var(--muted)}
            svg .title{fill:var(--ink);font-size:13px;font-weight:600}
            svg .name{fill:var(--ink)}
            svg .grid{stroke:var(--rule)}
            svg .end{text-anchor:end}
            svg .middle{text-anchor:middle}
            svg .line{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}
            svg .dashed{stroke-dasharray:5 4}
            svg .band{stroke:none;fill-opacity:.18}
            svg .hit{fill-opacity:0;stroke:none}
            svg .hit:hover{fill-opacity:1}
            svg .whisker{stroke:var(--ink);stroke-width:1.2;fill:none}
            %s""".formatted(variables(LIGHT), variables(DARK), classes());

    static final String OF_PAGES = """
            *{box-sizing:border-box}
            body{margin:0;padding:0 20px 48px;background:var(--ground);color:var(--ink);\
            font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
            header,main{max-width:1360px;margin:0 auto}
            header{padding:28px 0 4px}
            header p{margin:4px 0 0;color:var(--muted)}
            h1{margin:0;font-size:26px;line-height:1.25;overflow-wrap:anywhere}
            h2{display:inline-block;margin:32px 0 8px;font-size:18px}
            summary{cursor:pointer}
            summary h2{padding-left:4px}
            .note{margin:0 0 12px;max-width:80ch;color:var(--muted);overflow-wrap:anywhere}
            .grid{display:grid;gap:16px;grid-template-columns:repeat(auto-fill,minmax(min(100%,380px),1fr))}
            .grid.small{grid-template-columns:repeat(auto-fill,minmax(min(100%,200px),1fr))}
            figure{margin:0;min-width:0}
            .grid figure{padding:14px;border:1px solid var(--rule);border-radius:8px;background:var(--card)}
            svg{display:block;width:100%;height:auto}
            .wide{overflow-x:auto;margin-bottom:16px}
            table{border-collapse:collapse;font-size:14px}
            th,td{padding:4px 16px 4px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--rule)}
            tbody th{font-weight:500;color:var(--muted)}
            th.number,td.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
            td.text{overflow-wrap:anywhere}
            pre{margin:0;font:12px/1.5 ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace}
            .confusion{font-size:13px;font-variant-numeric:tabular-nums}
            .confusion th,.confusion td{padding:4px 7px;text-align:right;white-space:nowrap;border:0}
            .confusion td{min-width:36px;border:1px solid var(--ground)}
            .confusion .measure{color:var(--muted);padding-left:14px}
            .confusion+.note{margin-top:10px}
            .samples{display:grid;gap:14px 10px;grid-template-columns:repeat(auto-fill,minmax(104px,1fr))}
            .samples figure{font-size:13px;line-height:1.35;overflow-wrap:anywhere}
            .samples img{display:block;width:100%;border-radius:4px;border-bottom:4px solid var(--right);\
            image-rendering:pixelated;background:#000}
            .samples .wrong img{border-color:var(--wrong)}
            .samples .wrong b{color:var(--wrong)}
            .samples .right b{color:var(--right)}
            .samples small{color:var(--muted)}
            @media (max-width:500px){body{padding:0 12px 32px}h1{font-size:22px}.samples{\
            grid-template-columns:repeat(auto-fill,minmax(84px,1fr))}}
            """;

    private Style() {}

    private static String variables(int... colours) {
        var text = new StringBuilder();
        for (int i = 0; i < COLOURS; i++) {
            text.append(";--c")
                    .append(i)
                    .append(":#")
                    .append(Integer.toHexString(0x1000000 | colours[i]).substring(1));
        }
        return text.toString();
    }

    private static String classes() {
        var text = new StringBuilder();
        for (int i = 0; i < COLOURS; i++) {
            text.append("svg .c").append(i).append("{fill:var(--c").append(i).append(")}");
            text.append("svg .line.c")
                    .append(i)
                    .append("{fill:none;stroke:var(--c")
                    .append(i)
                    .append(")}\n");
        }
        return text.toString();
    }

    /** The classes of the colour of a line. */
    static String colour(int line) {
        return "c" + line % COLOURS;
    }

    /** The classes of a line. */
    static String line(int line) {
        return "line " + colour(line) + (line / COLOURS % 2 == 1 ? " dashed" : "");
    }
}
