package number

import (
	"errors"
	"fmt"
	"testing"
)

func TestCheckExtension(t *testing.T) {
	plan := ExtensionPlan{OutsidePrefix: "9", Features: []string{"*21", "77", "300"}}
	for ext, want := range map[string]error{
		"201": nil, "10": nil, "101": nil, "142": nil, "104": nil, "12": nil, "18": nil, "20000000": nil,
		"": ErrExtensionForm, "2": ErrExtensionForm, "200000000": ErrExtensionForm, "2a": ErrExtensionForm,
		"*21": ErrExtensionForm, "#20": ErrExtensionForm, "２０": ErrExtensionForm, "20 ": ErrExtensionForm,
		"110": ErrExtensionEmergency, "118": ErrExtensionEmergency, "119": ErrExtensionEmergency,
		"11": ErrExtensionEmergency, "1100": ErrExtensionEmergency, "1190": ErrExtensionEmergency,
		"01": ErrExtensionZero, "00": ErrExtensionZero, "010": ErrExtensionZero, "0110": ErrExtensionZero,
		"184": ErrExtensionNetwork, "1840": ErrExtensionNetwork, "186": ErrExtensionNetwork,
		"1220": ErrExtensionNetwork,
		"90":   ErrExtensionPrefix, "9110": ErrExtensionPrefix,
		"77": ErrExtensionFeature, "770": ErrExtensionFeature, "30": ErrExtensionFeature, "301": nil,
	} {
		if got := CheckExtension(ext, plan); !errors.Is(got, want) || (want == nil) != (got == nil) {
			t.Errorf("CheckExtension(%q) = %v, want %v", ext, got, want)
		}
	}
	if err := CheckExtension("81", ExtensionPlan{OutsidePrefix: "810"}); !errors.Is(err, ErrExtensionPrefix) {
		t.Errorf("an extension that the outside prefix begins with: %v", err)
	}
}

// TestNoExtensionShadows: whatever extension passes the check, every emergency
// and outside spelling keeps its meaning where that extension exists.
func TestNoExtensionShadows(t *testing.T) {
	for _, prefix := range []string{"", "0", "9", "81"} {
		for i := range 12000 {
			ext := fmt.Sprint(i)
			if CheckExtension(ext, ExtensionPlan{OutsidePrefix: prefix}) != nil {
				continue
			}
			ctx := &Context{OutsidePrefix: prefix, Extension: func(s string) bool { return s == ext }}
			for _, s := range []string{"110", "118", "119", "0110", "184110", "186119", prefix + "110"} {
				if d := Parse(s, ctx); d.Class != Emergency {
					t.Fatalf("prefix %q, extension %s: %s is %s", prefix, ext, s, d)
				}
			}
			if d := Parse(ext, ctx); d.Class != Extension {
				t.Fatalf("prefix %q: extension %s is %s", prefix, ext, d)
			}
			if d := Parse(prefix+ext, ctx); prefix != "" && d.Class == Extension {
				t.Fatalf("prefix %q: %s is an extension", prefix, prefix+ext)
			}
		}
	}
}

func TestCheckPlan(t *testing.T) {
	for prefix, ok := range map[string]bool{
		"": true, "0": true, "9": true, "81": true, "1": false, "00": false, "11": false, "01": false, "#": false,
		"123": false, "999": false,
	} {
		if err := CheckOutsidePrefix(prefix); (err == nil) != ok || err != nil && !errors.Is(err, ErrPrefixForm) {
			t.Errorf("CheckOutsidePrefix(%q) = %v", prefix, err)
		}
	}
	for code, ok := range map[string]bool{
		"*21": true, "#21#": true, "*": false, "#7119": false, "#21": true, "77": true, "95": false, "0*": false,
		"110": false, "+1": false, "*21a": false, "*12345678": false, "": false,
	} {
		if err := CheckFeature(code, "9"); (err == nil) != ok || err != nil && !errors.Is(err, ErrFeatureForm) {
			t.Errorf("CheckFeature(%q) = %v", code, err)
		}
	}
	for _, c := range []struct {
		line Line
		ok   bool
	}{
		{Line{}, true},
		{Line{AreaCode: "03", Carriers: []string{"001", "0033", "009130"}, Lift: true}, true},
		{Line{Services: []string{"106"}, HashShort: []string{"1234"}}, true},
		{Line{AreaCode: "3"}, false},
		{Line{AreaCode: "00"}, false},
		{Line{AreaCode: "0120"}, false},
		{Line{AreaCode: "090"}, false},
		{Line{Carriers: []string{"001", "0010"}}, false},
		{Line{Carriers: []string{"0033", "0033"}}, false},
		{Line{Carriers: []string{"00"}}, false},
		{Line{Carriers: []string{"033"}}, false},
		{Line{Carriers: []string{"00a"}}, false},
		{Line{Services: []string{"110"}}, false},
		{Line{Services: []string{"142"}}, false},
		{Line{Services: []string{"184"}}, false},
		{Line{Services: []string{"1060"}}, false},
		{Line{HashShort: []string{"010232"}}, false},
	} {
		if err := CheckLine(c.line); (err == nil) != c.ok {
			t.Errorf("CheckLine(%+v) = %v", c.line, err)
		}
	}
	for code, ok := range map[string]bool{
		"03": true, "06": true, "098": true, "0466": true, "04992": true, "04": true, "01": false,
		"05": false, "0": false, "": false,
		"049921": false, "0190": false, "050": false, "0800": false, "０3": false,
	} {
		if err := CheckAreaCode(code); (err == nil) != ok {
			t.Errorf("CheckAreaCode(%q) = %v", code, err)
		}
	}
}
