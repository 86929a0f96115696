// Command sekisho is the main unit and its commands. Everything is in cli.
package main

import (
	"context"
	"os"

	"github.com/sekisho/sekisho/cli"
)

func main() {
	os.Exit(cli.Main(context.Background(), os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr))
}
