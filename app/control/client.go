package control

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
)

// Client speaks to the control socket of one unit.
type Client struct{ http *http.Client }

// NewClient makes a Client; dial opens the socket.
func NewClient(dial func(ctx context.Context) (net.Conn, error)) *Client {
	return &Client{http: &http.Client{Transport: &http.Transport{
		DialContext:       func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) },
		DisableKeepAlives: true,
	}}}
}

// Call asks the unit for an operation. The error is a *Problem where the unit
// answered with one; ExitNotRunning where no unit listens.
func Call[Req, Resp any](ctx context.Context, c *Client, op Op[Req, Resp], req Req) (Resp, error) {
	var resp Resp
	body, err := json.Marshal(req)
	if err != nil {
		return resp, fmt.Errorf("%s: %w", op.Name, err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://unit/v1/"+op.Name, bytes.NewReader(body))
	if err != nil {
		return resp, fmt.Errorf("%s: %w", op.Name, err)
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return resp, NewProblem(ExitNotRunning, "cli.notrunning", "cli.notrunning.do", err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		return resp, fmt.Errorf("%s: %w", op.Name, err)
	}
	if answer.StatusCode != http.StatusOK {
		p := &Problem{}
		if err := json.Unmarshal(b, p); err != nil || p.What.IsZero() {
			return resp, NewProblem(ExitFailed, "cli.unexpected", "cli.unexpected.do", op.Name+": "+answer.Status)
		}
		return resp, p
	}
	if err := json.Unmarshal(b, &resp); err != nil {
		return resp, fmt.Errorf("%s: %w", op.Name, err)
	}
	return resp, nil
}
