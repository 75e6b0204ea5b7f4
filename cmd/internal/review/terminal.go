package review

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
)

// plainWidth is the width of line prompts: screen readers wrap by themselves.
const plainWidth = 1000

// Plain runs a desk by lines, for screen readers and scripts: what there is to
// see, a prompt, and a line that begins with the key. An empty line is Enter, the
// words space and esc stand for their keys. The end of the input ends the review.
func Plain(d *Desk, in io.Reader, out io.Writer) error {
	sc := bufio.NewScanner(in)
	sc.Buffer(nil, maxText)
	for {
		prompt := d.Keys()
		if d.Typing != "" {
			prompt = d.Typing
			if d.Typed0 != "" {
				prompt += " (now: " + Visible(d.Typed0) + ")"
			}
		}
		if _, err := fmt.Fprintf(out, "%s%s › ", d.Screen(plainWidth), prompt); err != nil {
			return err
		}
		if !sc.Scan() {
			_, err := fmt.Fprintln(out)
			if err == nil {
				err = sc.Err()
			}
			return err
		}
		line := sc.Text()
		if d.Typing != "" {
			if line == "" && d.Typed0 != "" {
				line = d.Typed0
			}
			d.Type(line)
			continue
		}
		if d.Key(lineKey(line)) {
			return nil
		}
	}
}

func lineKey(line string) string {
	switch word := strings.TrimSpace(line); strings.ToLower(word) {
	case "":
		if line != "" {
			return " "
		}
		return "Enter"
	case "space":
		return " "
	case "esc", "escape":
		return "Escape"
	default:
		_, n := utf8.DecodeRuneInString(word)
		return word[:n]
	}
}

// teaKeys are the names that the terminal library gives to keys of the table.
var teaKeys = map[string]string{
	"space": " ", "enter": "Enter", "esc": "Escape", "backspace": "Backspace", "up": "ArrowUp", "down": "ArrowDown", "left": "ArrowLeft", "right": "ArrowRight",
}

// Full runs a desk over the whole screen.
func Full(d *Desk, in io.Reader, out io.Writer) error {
	_, err := tea.NewProgram(&screen{d: d, width: 80, height: 24}, tea.WithInput(in), tea.WithOutput(out)).Run()
	return err
}

// screen is the desk as the terminal library wants it.
type screen struct {
	d             *Desk
	width, height int
	typed         []rune
	was           string // the prompt that typed belongs to
	scroll        int
}

func (m *screen) Init() tea.Cmd { return nil }

func (m *screen) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case tea.PasteMsg:
		if m.d.Typing != "" {
			m.typed = append(m.typed, []rune(msg.Content)...)
		}
	case tea.KeyPressMsg:
		if m.press(msg) {
			return m, tea.Quit
		}
	}
	return m, nil
}

// press takes one key; it reports whether the review is over.
func (m *screen) press(msg tea.KeyPressMsg) (quit bool) {
	name := msg.Keystroke()
	if name == "ctrl+c" {
		return true // every decision is on the disk
	}
	if m.d.Typing != "" {
		switch name {
		case "enter":
			text := string(m.typed)
			m.typed = nil
			m.d.Type(text)
		case "esc":
			m.typed = nil
			m.d.Cancel()
		case "backspace":
			m.typed = m.typed[:max(0, len(m.typed)-1)]
		case "ctrl+u":
			m.typed = nil
		default:
			if len(m.typed) < maxText/4 {
				m.typed = append(m.typed, []rune(msg.Text)...)
			}
		}
		m.begin()
		return false
	}
	switch name {
	case "pgdown":
		m.scroll += m.height / 2
		return false
	case "pgup":
		m.scroll = max(0, m.scroll-m.height/2)
		return false
	}
	key := teaKeys[name]
	if key == "" {
		key = msg.Text
	}
	if key == "" {
		return false
	}
	m.scroll = 0
	quit = m.d.Key(key)
	m.begin()
	return quit
}

// begin fills the line with what it starts from.
func (m *screen) begin() {
	if m.d.Typing != m.was {
		m.was = m.d.Typing
		m.typed = []rune(m.d.Typed0)
	}
}

func (m *screen) View() tea.View {
	lines := strings.Split(strings.TrimRight(m.d.Screen(m.width), "\n"), "\n")
	last := m.d.Keys()
	if m.d.Typing != "" {
		last = m.d.Typing + " › " + Visible(string(m.typed)) + "▏"
	}
	foot := wrap(last, m.width)
	room := max(1, m.height-len(foot)-1)
	from := min(m.scroll, max(0, len(lines)-room))
	if at := current(lines); at >= room && m.scroll == 0 {
		from = min(at-room/2, len(lines)-room) // the article scrolls to the edit
	}
	lines = lines[from:min(len(lines), from+room)]
	for len(lines) < room {
		lines = append(lines, "")
	}
	v := tea.NewView(strings.Join(append(append(lines, ""), foot...), "\n"))
	v.AltScreen = true
	v.WindowTitle = "copydesk review"
	return v
}

// current is the line of an article that holds the edit at hand.
func current(lines []string) int {
	for i, l := range lines {
		if strings.Contains(l, "»[") {
			return i
		}
	}
	return 0
}
