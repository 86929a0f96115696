package app

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/media/prompt"
)

// settingPrompt and the place of a recording name the setting that holds it, as those of
// menus are held.
const settingPrompt = "prompt/"

// promptRow is the row of a recording.
func promptRow(lang, name string) string { return settingPrompt + lang + "/" + name }

// loadPrompts reads what the owner recorded. What can't be read keeps no unit from
// starting: the announcement is said that was there before.
func (a *App) loadPrompts(ctx context.Context) error {
	for _, f := range a.state.routing {
		p, ok := f.(fact.PromptSet)
		if !ok {
			continue
		}
		text, err := a.store.Setting(ctx, promptRow(p.Language, p.Prompt))
		if err != nil {
			return fmt.Errorf("announcement %s: %w", p.Prompt, err)
		}
		sound, err := base64.StdEncoding.DecodeString(text)
		if err == nil && soundHash(sound) != p.Sound {
			err = errNotRecorded
		}
		if err == nil {
			err = a.prompts.Replace(p.Prompt, p.Language, sound)
		}
		if err != nil {
			a.log.Error("recording not read: the unit's own announcement is said",
				"prompt", p.Prompt, "language", p.Language, "error", err)
		}
	}
	return nil
}

var errNotRecorded = errors.New("not what the evidence has the hash of")

// promptSet has an announcement be a recording, or the unit's own again.
func (a *App) promptSet(ctx context.Context, by control.Caller, r control.PromptSetRequest) (control.None, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f := fact.PromptSet{Prompt: r.Prompt, Language: r.Language, By: by.Actor(), At: now()}
	if err := checkPrompt(r.PromptRequest); err != nil {
		return control.None{}, err
	}
	if most := prompt.Longest(r.Prompt); len(r.Sound) > most*soundBytes {
		return control.None{}, control.NewProblem(control.ExitUsage, "cli.prompt.length", "", r.Prompt, most)
	}
	if len(r.Sound) > 0 {
		f.Sound = soundHash(r.Sound)
	} else if !a.routed(f.RoutingID()) {
		return control.None{},
			control.NewProblem(control.ExitNotFound, "cli.prompt.notown", "cli.prompt.none.do", r.Prompt)
	}
	row := fact.Setting{
		Name: promptRow(r.Language, r.Prompt), Value: base64.StdEncoding.EncodeToString(r.Sound),
	}
	if err := a.setRouting(ctx, f, row); err != nil {
		return control.None{}, err
	}
	sound := r.Sound
	if len(sound) == 0 {
		sound = nil
	}
	return control.None{}, a.prompts.Replace(r.Prompt, r.Language, sound)
}

// checkPrompt says whether there is such an announcement.
func checkPrompt(r control.PromptRequest) error {
	if _, err := prompt.Open(r.Prompt, r.Language); err != nil {
		return control.NewProblem(control.ExitNotFound, "cli.prompt.none", "cli.prompt.none.do", r.Prompt, r.Language)
	}
	return nil
}

// promptSound gives what an announcement sounds like now.
func (a *App) promptSound(
	_ context.Context, _ control.Caller, r control.PromptRequest,
) (control.PromptRecording, error) {
	if err := checkPrompt(r); err != nil {
		return control.PromptRecording{}, err
	}
	sound, err := a.prompts.Open(r.Prompt, r.Language)
	return control.PromptRecording{Sound: sound}, err
}

// promptList lists what the unit says: sentences first, then words.
func (a *App) promptList(context.Context, control.Caller, control.None) ([]control.Prompt, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	own := map[string]fact.PromptSet{}
	for _, f := range a.state.routing {
		if p, ok := f.(fact.PromptSet); ok {
			own[p.RoutingID()] = p
		}
	}
	var out []control.Prompt
	list := func(names []string, word bool) {
		for _, name := range names {
			for _, lang := range []string{prompt.Japanese, prompt.English} {
				sound, err := a.prompts.Open(name, lang)
				if err != nil {
					continue // a language has no such word
				}
				set, mine := own[fact.PromptSet{Prompt: name, Language: lang}.RoutingID()]
				out = append(out, control.Prompt{
					Prompt: name, Language: lang, Says: prompt.Sentence(name, lang), Word: word, Own: mine,
					Tenths: len(sound) * 10 / soundBytes, By: set.By, At: set.At,
				})
			}
		}
	}
	list(prompt.Names(), false)
	list(prompt.Words(), true)
	slices.SortStableFunc(out, func(x, y control.Prompt) int { return cmp.Compare(rank(x), rank(y)) })
	return out, nil
}

// rank has what the owner recorded stand first.
func rank(p control.Prompt) int {
	if p.Own {
		return 0
	}
	return 1
}
