package app_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/sekisho/sekisho/app"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/evidence"
)

// TestSpoiltPricesAreDear: a price list that somebody changed behind the unit's
// back makes no call cheap, and does not keep the unit from starting.
func TestSpoiltPricesAreDear(t *testing.T) {
	data := t.TempDir()
	_, stop := live(t, data)
	file := control.TariffFile{Name: "a.csv", Data: []byte("prefix,yen,unit_seconds\n232,175,60\n"), Reason: "test"}
	preview := ask(t, data, control.TariffCheck, file)
	if preview.Before != "" || preview.Rows != 1 || len(preview.Faults) > 0 || len(preview.Missing.Classes) == 0 {
		t.Errorf("%+v", preview)
	}
	imported := ask(t, data, control.TariffImport, file)
	if imported.Demo || imported.Mark != preview.Mark || imported.File != "a.csv" || imported.CreatedBy == "" {
		t.Errorf("%+v", imported)
	}
	// Who has not seen that one must look again.
	if _, err := control.Call(t.Context(), app.Dial(data), control.TariffImport, file); err == nil {
		t.Error("imported over a tariff that was never shown")
	}
	price := control.TariffPriceRequest{Number: "01023276123456", Minutes: 2}
	if p := ask(t, data, control.TariffPrice, price); p.Cost != "350" || !p.Known || p.Rate.Prefix != "232" {
		t.Errorf("%+v", p)
	}
	stop()

	db, err := sql.Open("sqlite", filepath.Join(data, evidence.StoreFile))
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(),
		`UPDATE tariff_rates SET rates = CAST(replace(rates, '175', '1') AS BLOB)`)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	_, stop = live(t, data)
	if p := ask(t, data, control.TariffPrice, price); p.Cost != "2000" || p.Known || !p.Tariff.Broken {
		t.Errorf("%+v", p)
	}
	stop()
	report, err := evidence.VerifyDir(t.Context(), data)
	if err != nil || report.OK || report.Where != "tariff_rates" {
		t.Errorf("%s %v", report, err)
	}
}
