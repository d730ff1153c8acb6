#!/usr/bin/env bash
# github.com/mochi-mqtt/server v2.7.9, an MQTT broker in Go, with eclipse/paho.mqtt.golang v1.5.0 as its client; Go 1.22 or newer.
#
# A device's alarms are on an ordered topic of QoS 1. The subscriber has a session that lasts (clean session off) and is away while one
# publisher sends twelve alarms, each after the broker has confirmed the one before. Then the subscriber is back.
# Expected: the broker keeps them in order, and the last state that arrives is the newest (MQTT 3.1.1, section 4.6: ordered is the default).
# Seen: all twelve arrive, shuffled, each time in another way. The broker keeps them in a map and sorts by the second in which they
# came: within one second the order is the map's. While the subscriber is connected the order is right, so no test with both online shows it.
# The sort looks at the lowest 16 bits of the second alone. Every 65,536 seconds, about 18 hours, they start again at 0, and
# a subscriber that was away at such a moment gets what came after it before what came earlier.
# Put a time or a number into each message, and pass over one that is older than what was seen.
#
# Output seen:
#   subscriber connected: 12 of 12 arrive, in order 5 of 5 times
#   subscriber away: 12 of 12 arrive, in order 0 of 5 times
#   kept at 2026-12-01 17:12:31, 17:12:32, 17:12:33: sorted 17:12:32, 17:12:33, 17:12:31
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
mkdir "$tmp/go"
cd "$tmp/go"
export GOPATH="$tmp/gopath" GOCACHE="$tmp/gocache" GOFLAGS=-modcacherw
go mod init findings >go.log 2>&1
cat >main.go <<'END'
package main

import (
	"fmt"
	"io"
	"log/slog"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"
)

const alarms = 12

func done(token paho.Token) {
	if !token.WaitTimeout(10*time.Second) || token.Error() != nil {
		panic(fmt.Sprint("no answer: ", token.Error()))
	}
}

// subscriber connects with the session of that name.
func subscriber(address, name string, got chan string) paho.Client {
	options := paho.NewClientOptions().AddBroker(address).SetClientID(name).SetCleanSession(false).SetAutoReconnect(false)
	options.SetDefaultPublishHandler(func(_ paho.Client, message paho.Message) { got <- string(message.Payload()) })
	client := paho.NewClient(options)
	done(client.Connect())
	return client
}

// round tells how many alarms arrived, and whether their order was right.
func round(address, name string, away bool) (int, bool) {
	got := make(chan string, alarms)
	client := subscriber(address, name, got)
	done(client.Subscribe(name, 1, nil))
	if away {
		client.Disconnect(250)
		time.Sleep(250 * time.Millisecond)
	}
	publisher := paho.NewClient(paho.NewClientOptions().AddBroker(address).SetClientID("device-of-" + name))
	done(publisher.Connect())
	for i := range alarms {
		done(publisher.Publish(name, 1, false, fmt.Sprint(i)))
	}
	publisher.Disconnect(250)
	if away {
		client = subscriber(address, name, got)
	}
	defer client.Disconnect(250)
	inOrder := true
	for i := range alarms {
		select {
		case alarm := <-got:
			inOrder = inOrder && alarm == fmt.Sprint(i)
		case <-time.After(5 * time.Second):
			return i, false
		}
	}
	return alarms, inOrder
}

func main() {
	server := mqtt.New(&mqtt.Options{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err := server.AddHook(new(auth.AllowHook), nil); err != nil {
		panic(err)
	}
	listener := listeners.NewTCP(listeners.Config{ID: "tcp", Address: "127.0.0.1:0"})
	if err := server.AddListener(listener); err != nil {
		panic(err)
	}
	if err := server.Serve(); err != nil {
		panic(err)
	}
	for _, away := range []bool{false, true} {
		fewest, right := alarms, 0
		for i := range 5 {
			arrived, inOrder := round("tcp://"+listener.Address(), fmt.Sprint("alarms-", away, i), away)
			fewest = min(fewest, arrived)
			if inOrder {
				right++
			}
		}
		name := map[bool]string{false: "connected", true: "away"}[away]
		fmt.Printf("subscriber %s: %d of %d arrive, in order %d of 5 times\n", name, fewest, alarms, right)
	}
	server.Close()

	// The list in which the broker keeps what it has to send, one message a second.
	kept := mqtt.NewInflights()
	start := time.Unix(1796145152-1, 0).UTC()
	for i := range 3 {
		kept.Set(packets.Packet{PacketID: uint16(i + 1), Created: start.Unix() + int64(i)})
	}
	fmt.Printf("kept at %s, %s, %s: sorted", start.Format(time.DateTime), at(start.Unix()+1), at(start.Unix()+2))
	for i, packet := range kept.GetAll(false) {
		fmt.Print([]string{" ", ", ", ", "}[i], at(packet.Created))
	}
	fmt.Println()
}

func at(second int64) string {
	return time.Unix(second, 0).UTC().Format(time.TimeOnly)
}
END
go get github.com/mochi-mqtt/server/v2@v2.7.9 github.com/eclipse/paho.mqtt.golang@v1.5.0 >go.log 2>&1 || { cat go.log; exit 1; }
go mod tidy >go.log 2>&1 || { cat go.log; exit 1; }
go build -o show .
timeout 120 ./show >seen
cat seen
cat >expected <<'END'
subscriber connected: 12 of 12 arrive, in order 5 of 5 times
subscriber away: 12 of 12 arrive, in order 0 of 5 times
kept at 2026-12-01 17:12:31, 17:12:32, 17:12:33: sorted 17:12:32, 17:12:33, 17:12:31
END
cmp -s seen expected
