// Answers as ZITADEL's dependencies do, for domain.languages and domain.mail_address to be held against.
//
//	oracle subtags CANDIDATES   prints every subtag the library knows; CANDIDATES are possible variants and whole tags
//	oracle languages            reads a JSON array of strings, prints [text, Make or null, Parse] for each
//	oracle mail-addresses       reads a JSON array of strings, prints [text, fault or null] for each
//
// ../go-oracle.py lays golang.org/x/text beside this file before it is built.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"os"
	"sort"
	"strings"

	"oracle/text/language"
)

func main() {
	switch os.Args[1] {
	case "subtags":
		emit(subtags(strings.Fields(os.Args[2])))
	case "languages":
		answer(func(text string) []any { return []any{text, madeFrom(text), parsed(text)} })
	case "mail-addresses":
		answer(func(text string) []any { return []any{text, fault(text)} })
	}
}

func emit(value any) {
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err)
	}
}

func answer(question func(string) []any) {
	var texts []string
	if err := json.NewDecoder(os.Stdin).Decode(&texts); err != nil {
		panic(err)
	}
	answers := [][]any{}
	for _, text := range texts {
		answers = append(answers, question(text))
	}
	emit(answers)
}

func madeFrom(text string) any {
	if tag := language.Make(text); !tag.IsRoot() {
		return tag.String()
	}
	return nil
}

func parsed(text string) string {
	if tag, err := language.Parse(text); err == nil {
		return tag.String()
	}
	return "und"
}

// subtags tries every combination of letters and digits that BCP 47 allows as a language, a script or a region.
func subtags(candidates []string) map[string]map[string]string {
	known := map[string]map[string]string{
		"LANGUAGES": {}, "SCRIPTS": {}, "REGIONS": {}, "VARIANTS": {}, "GRANDFATHERED": {}, "SUCCESSORS": {},
	}
	note := func(table, text, canonical string) { known[table][text] = canonical }
	superseded := func(before, after string) {
		if before != after {
			note("SUCCESSORS", before, after)
		}
	}
	for _, text := range append(words(letters, 2), words(letters, 3)...) {
		if base, err := language.ParseBase(text); err == nil {
			note("LANGUAGES", text, base.String())
			after, _, _ := language.Make(base.String()).Raw()
			superseded(base.String(), after.String())
		}
	}
	for _, text := range words(letters, 4) {
		text = strings.ToUpper(text[:1]) + text[1:]
		if script, err := language.ParseScript(text); err == nil {
			note("SCRIPTS", text, script.String())
			_, after, _ := language.Make("und-" + text).Raw()
			superseded(script.String(), after.String())
		}
	}
	for _, text := range append(words(letters, 2), words("0123456789", 3)...) {
		text = strings.ToUpper(text)
		if region, err := language.ParseRegion(text); err == nil {
			note("REGIONS", text, region.String())
			_, _, after := language.Make("und-" + region.String()).Raw()
			superseded(region.String(), after.String())
		}
	}
	for _, text := range candidates {
		if variant, err := language.ParseVariant(text); err == nil {
			note("VARIANTS", text, variant.String())
		} else if tag, err := language.Parse(text); err == nil {
			note("GRANDFATHERED", text, tag.String())
		}
	}
	return known
}

const letters = "abcdefghijklmnopqrstuvwxyz"

func words(alphabet string, length int) []string {
	if length == 0 {
		return []string{""}
	}
	found := []string{}
	for _, start := range words(alphabet, length-1) {
		for _, letter := range alphabet {
			found = append(found, start+string(letter))
		}
	}
	sort.Strings(found)
	return found
}

// fault is the cause that protoc-gen-validate v1.1.0 names for a text that breaks its rule for e-mail addresses.
func fault(text string) any {
	parsed, err := mail.ParseAddress(text)
	if err == nil {
		err = lengths(parsed.Address)
	}
	if err != nil {
		return err.Error()
	}
	return nil
}

func lengths(address string) error {
	if len(address) > 254 {
		return errors.New("email addresses cannot exceed 254 characters")
	}
	local, host, _ := strings.Cut(address, "@")
	if len(local) > 64 {
		return errors.New("email address local phrase cannot exceed 64 characters")
	}
	if len(host) > 253 {
		return errors.New("hostname cannot exceed 253 characters")
	}
	for _, label := range strings.Split(strings.ToLower(strings.TrimSuffix(host, ".")), ".") {
		switch {
		case label == "" || len(label) > 63:
			return errors.New("hostname part must be non-empty and cannot exceed 63 characters")
		case label[0] == '-':
			return errors.New("hostname parts cannot begin with hyphens")
		case label[len(label)-1] == '-':
			return errors.New("hostname parts cannot end with hyphens")
		}
		for _, r := range label {
			if !strings.ContainsRune(letters+"0123456789-", r) {
				return fmt.Errorf("hostname parts can only contain alphanumeric characters or hyphens, got %q", string(r))
			}
		}
	}
	return nil
}
