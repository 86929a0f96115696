package metrics

import (
	"fmt"
	"io"
	"strings"

	"github.com/sekisho/sekisho/text"
)

// Page writes the reference page of the figures in Markdown.
func Page(w io.Writer, lang text.Lang) error {
	say := func(k text.Key, args ...any) string { return text.Say(lang, k, args...) }
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n\n", say("metric.page.title"), say("metric.page.intro"))
	for _, f := range figures {
		fmt.Fprintf(&b, "## %s\n\n", f.name)
		fmt.Fprintf(&b, "%s", f.kind)
		if len(f.labels) > 0 {
			fmt.Fprintf(&b, " · %s `%s`", say("metric.page.labels"), strings.Join(f.labels, "`, `"))
		}
		key := text.Key("metric." + f.name)
		fmt.Fprintf(&b, "\n\n%s\n\n%s\n\n", say(key), say(key+".do"))
	}
	fmt.Fprintf(&b, "## %s\n\n%s\n", say("metric.page.runtime"), say("metric.page.runtime.says"))
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("metrics page: %w", err)
	}
	return nil
}

// Names lists the unit's own figures, in the order of the page.
func Names() []Name {
	out := make([]Name, len(figures))
	for i, f := range figures {
		out[i] = f.name
	}
	return out
}
