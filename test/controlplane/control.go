package main

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"sync"
	"time"
)

// control is a small HTTP server through which the launcher, or another process that has read
// controlplane.json, directs a running control plane. Every request carries the token of that file.
//
//	GET  /status            the state, as in controlplane.json
//	POST /stop              ends everything; answers when all processes and the data folder are gone
//	POST /apiserver/stop    ends kube-apiserver only (?kill=true: at once), for tests of outages
//	POST /apiserver/start   starts it again on the same port; answers when it is ready
//
// A port and a token rather than a Unix socket, whose path may be no longer than 100 bytes or so.
type control struct {
	url, token string
	server     *http.Server
	// stopped is closed by the first stop request; finished when everything is gone.
	stopped, finished chan struct{}
	stopOnce          sync.Once
}

func startControl(p *plane) (*control, error) {
	token, err := randomToken()
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", address(0))
	if err != nil {
		return nil, err
	}
	c := &control{
		url: "http://" + listener.Addr().String(), token: token,
		stopped: make(chan struct{}), finished: make(chan struct{}),
	}
	routes := http.NewServeMux()
	routes.HandleFunc("GET /status", func(response http.ResponseWriter, _ *http.Request) {
		response.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(response).Encode(p.state())
	})
	routes.HandleFunc("POST /stop", func(response http.ResponseWriter, _ *http.Request) {
		c.stopOnce.Do(func() { close(c.stopped) })
		<-c.finished
		response.WriteHeader(http.StatusNoContent)
	})
	// One at a time: two restarts at once would fight over the port.
	var apiServer sync.Mutex
	routes.HandleFunc("POST /apiserver/stop", func(response http.ResponseWriter, request *http.Request) {
		apiServer.Lock()
		defer apiServer.Unlock()
		patience := 10 * time.Second
		if request.URL.Query().Get("kill") == "true" {
			patience = 0
		}
		p.stopComponent("kube-apiserver", patience)
		response.WriteHeader(http.StatusNoContent)
	})
	routes.HandleFunc("POST /apiserver/start", func(response http.ResponseWriter, request *http.Request) {
		apiServer.Lock()
		defer apiServer.Unlock()
		if p.isRunning("kube-apiserver") {
			response.WriteHeader(http.StatusNoContent)
			return
		}
		ctx, cancel := context.WithTimeout(request.Context(), startTimeout)
		defer cancel()
		if err := p.restartAPIServer(ctx); err != nil {
			http.Error(response, err.Error(), http.StatusInternalServerError)
			return
		}
		response.WriteHeader(http.StatusNoContent)
	})
	c.server = &http.Server{Handler: c.guarded(routes), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = c.server.Serve(listener) }()
	return c, nil
}

func (c *control) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		if request.Header.Get("Authorization") != "Bearer "+c.token {
			http.Error(response, "the token of controlplane.json is needed", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(response, request)
	})
}

// close answers the stop requests that wait, and ends the server when their answers are out.
func (c *control) close() {
	close(c.finished)
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = c.server.Shutdown(ctx)
}
