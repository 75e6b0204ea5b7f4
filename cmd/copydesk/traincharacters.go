package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"copydesk/repair/text"

	"github.com/spf13/cobra"
)

func newTrainCharactersCommand(a *app) *cobra.Command {
	var out, letters string
	cmd := &cobra.Command{
		Use:   "characters [-o MODEL] [--letters MODEL] DIR",
		Short: "Build the models of characters and letters from plain text, one file a language",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if out == "" && letters == "" {
				return usageError(errors.New("give -o or --letters: what to write"))
			}
			if err := trainCharacters(args[0], out, letters); err != nil {
				return usageError(err)
			}
			return nil
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "write the character model there")
	cmd.Flags().StringVar(&letters, "letters", "", "write the model of languages' letters there")
	return cmd
}

// characterWeights are the shares of languages in the character model, by the
// name of their file. English news is what the program mostly reads; the others
// are there to be left alone, and to be recognised when they come out of bytes.
var characterWeights = map[string]float64{
	"en": 30,
	"fr": 4, "de": 4, "es": 4, "it": 2, "pt": 2, "nl": 1, "ru": 4, "pl": 2, "tr": 2, "cs": 2, "hu": 2, "ro": 1.5, "sv": 1, "da": 1, "nb": 1, "fi": 1,
	"uk": 1.5, "el": 2, "vi": 2, "ar": 2, "fa": 1, "he": 1, "ja": 2, "zh_CN": 2, "ko": 1.5, "hr": 1, "sr": 1, "bg": 1, "sk": 1, "sl": 0.7, "lt": 0.7, "lv": 0.7, "et": 0.5, "is": 0.5,
}

// otherLanguage is the share of a language that characterWeights does not name.
const otherLanguage = 0.2

// chat is how people write where dictionaries and manuals do not go: emoji with
// their joiners and variation selectors, faces made of marks, prices, ratings,
// footnotes. The weight is that of a small language.
const chat = `Great news! 😀😀 👍🏽 Thanks a lot ❤️ see you there 🙌
So happy for you 🎉🎉🎉 #win 🇫🇷 🇺🇸 🇬🇧 👩‍👩‍👧 👨‍💻 🤷‍♀️ ✌️ ☀️ ☕️ ✅ ❌ ➡️
Oh no 😭 😢💔 why?! 😂😂😂 lol 🤣 😍😍 💕✨ 🔥🔥 💯 🙏 👏👏 😎 🤔 😱 🥺
¯\_(ツ)_/¯ (╯°□°)╯ ┻━┻ ┬─┬ ノ(゜-゜ノ) ಠ_ಠ (◕‿◕) ʕ•ᴥ•ʔ ♥‿♥ (ﾉ◕ヮ◕)ﾉ*:･ﾟ✧ ｡◕‿◕｡ (¬_¬) ^_^ ♪♫
★★★★☆ 4½ stars • 20% off → £5.99 / €6,50 / ¥700 · © 2019 ® ™ § 12 ¶ 3 † ‡ 25 °C ± 3 µm 10³ m² ×2 ÷ ≈ ≠ ≤ ≥ √2 ∞ π
√π = √2 · √x, √π/2, (√π), −√3 ∑ ∂f/∂x ∂y ∫ ∏ Ω ≠ ∞ ¬p ¬q “√” a² + b² = c², x³ 5° ±3 µ
☎ ✉ ✓ ✔ ✗ ■ □ ▪ ▫ ▲ ▼ ► ◄ ● ○ ◆ ♠ ♣ ♥ ♦ ☆ ★ ☺ ☹ ☮ ♻ ⚠ ⚡ ✈ ❄ № 5 ‰ ′ ″ ½ ¼ ¾ ⅓ ⅔ ² ³ ¹ ª º
┌──────┬──────┐
│ year │ cost │
├──────┼──────┤
└──────┴──────┘
NESTLÉ® CITROËN™ LANCÔME® CAFÉ™ ROSÉ® PELÉ© À… É… Ü… Ö… Å… NOËL! “É” (À) SOUFFLÉ… ŠKODA® MÖTLEY™ CRÜE: “VOILÀ…” naïve™ é… résumé® Brontë… ñ…
╔══════╗ ║ a  b ║ ╚══════╝ ░▒▓█ ▄▀▐▌
`

// trainCharacters builds the models from a folder of plain text, one file a
// language (fr.txt, zh_CN.txt).
func trainCharacters(dir, out, letters string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("%s holds no .txt file: put plain text there, one file a language", dir)
	}
	slices.Sort(files)
	sources := []text.CharSource{{Text: strings.NewReader(chat), Weight: otherLanguage}}
	var texts []string
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			return err
		}
		texts = append(texts, string(b))
		weight, ok := characterWeights[strings.TrimSuffix(filepath.Base(f), ".txt")]
		if !ok {
			weight = otherLanguage
		}
		sources = append(sources, text.CharSource{Text: bytes.NewReader(b), Weight: weight})
	}
	var model bytes.Buffer
	if letters != "" {
		if err := text.BuildLetters(&model, texts, slices.IndexFunc(files, func(f string) bool { return filepath.Base(f) == "en.txt" })); err != nil {
			return err
		}
		if err := writeAside(letters, model.Bytes()); err != nil {
			return err
		}
	}
	if out == "" {
		return nil
	}
	model.Reset()
	if err := text.BuildCharModel(&model, sources); err != nil {
		return err
	}
	return writeAside(out, model.Bytes())
}
