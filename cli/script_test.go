package cli_test

import (
	"context"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sekisho/sekisho/cli"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"sekisho": func() {
			os.Exit(cli.Main(context.Background(), os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr))
		},
	})
}

// TestScripts runs testdata/script: what a person types, sees and gets as an
// exit code, in both languages.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("LANG", "en_US.UTF-8")
			e.Setenv("SEKISHO_DATA", e.WorkDir+"/data")
			return nil
		},
	})
}
