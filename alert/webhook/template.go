package webhook

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/sekisho/sekisho/alert"
)

// Template is the form of the body that a receiver wants.
type Template string

// The templates.
const (
	Plain     Template = "plain"     // our own: every field
	Slack     Template = "slack"     // Slack's incoming webhooks, Mattermost
	Teams     Template = "teams"     // Teams Workflows: an Adaptive Card
	LINEWorks Template = "lineworks" // LINE WORKS Incoming Webhook
)

// Templates lists them.
func Templates() []Template { return []Template{Plain, Slack, Teams, LINEWorks} }

// plain is the body of Plain. Fields are only ever added.
type plain struct {
	ID     string    `json:"id"`
	Type   string    `json:"type"` // "alert.begun", "alert.again", "alert.over"
	Kind   string    `json:"kind"`
	Unit   string    `json:"unit"`
	About  string    `json:"about"`
	Count  int       `json:"count"`
	Since  time.Time `json:"since"`
	At     time.Time `json:"at"`
	Title  string    `json:"title"`
	Text   string    `json:"text"`
	Format int       `json:"format"` // 1
}

const plainFormat = 1

func (t Template) body(l alert.Letter) ([]byte, error) {
	var body any
	switch t {
	case Plain:
		body = plain{
			ID: l.ID, Type: "alert." + l.Notice, Kind: l.Kind, Unit: l.Unit, About: l.About, Count: l.Count,
			Since: l.Since, At: l.At, Title: l.Title, Text: l.Text(), Format: plainFormat,
		}
	case Slack:
		body = map[string]string{"text": slackText(l)}
	case Teams:
		body = card(l)
	case LINEWorks:
		body = map[string]any{"title": l.Title, "body": map[string]string{"text": rows(l)}}
	default:
		return nil, fmt.Errorf("no template %q", t)
	}
	return json.Marshal(body)
}

// slackText escapes what Slack reads as its own marks.
func slackText(l alert.Letter) string {
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	return "*" + strings.ReplaceAll(escape.Replace(l.Title), "*", "∗") + "*\n" + escape.Replace(rows(l))
}

func rows(l alert.Letter) string {
	lines := make([]string, len(l.Rows))
	for i, r := range l.Rows {
		lines[i] = r.Label + ": " + r.Says
	}
	return strings.Join(lines, "\n")
}

// card is the message that a Teams workflow posts as it is.
func card(l alert.Letter) any {
	type object = map[string]any
	facts := make([]object, len(l.Rows))
	for i, r := range l.Rows {
		facts[i] = object{"title": r.Label, "value": r.Says}
	}
	color := "attention"
	if l.Notice == "over" {
		color = "good"
	}
	return object{"type": "message", "attachments": []object{{
		"contentType": "application/vnd.microsoft.card.adaptive",
		"content": object{
			"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4",
			"body": []object{
				{
					"type": "TextBlock", "text": l.Title, "weight": "bolder", "size": "medium",
					"color": color, "wrap": true,
				},
				{"type": "FactSet", "facts": facts},
			},
		},
	}}}
}
