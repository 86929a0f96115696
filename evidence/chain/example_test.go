package chain_test

import (
	"bytes"
	"fmt"
	"time"

	"github.com/sekisho/sekisho/evidence/chain"
	"github.com/sekisho/sekisho/fact"
)

func Example() {
	at := time.Date(2015, 3, 11, 0, 0, 0, 0, time.UTC)
	salt := bytes.NewReader(make([]byte, 1024)) // use crypto/rand
	drafter := chain.Drafter{Unit: "u1", Boot: 1, Salt: salt}
	draft, err := drafter.Draft(fact.CallStarted{Call: "c1", To: "0312345678", At: at}, at)
	if err != nil {
		fmt.Println(err)
		return
	}
	var tree chain.Tree
	record := draft.Record(tree.Size(), nil)
	hashes := tree.Append(nil, record.Leaf) // store the record and these, in one transaction
	fmt.Println(len(hashes), tree.Head().Size, record.Kind, record.Subject)
	fmt.Println("the leaf shows the number:", bytes.Contains(record.Leaf, []byte("0312345678")))
	// Output:
	// 1 1 call.started call/c1
	// the leaf shows the number: false
}
