// Expands templates of alerts by Prometheus' own template package, each with many data, and tells how often that failed.
// Standard input holds a template a line, as a JSON string; standard output a JSON object for each.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/template"
)

// What Prometheus puts before each text.
const definitions = "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}"

type verdict struct {
	// The error of the parser, which knows no data.
	Parse string `json:"parse,omitempty"`
	// In how many worlds it failed, of how many, and how for the first time.
	Failed int    `json:"failed"`
	Worlds int    `json:"worlds"`
	Error  string `json:"error,omitempty"`
	// What it became in the first world that it did not fail in.
	Output string `json:"output,omitempty"`
}

// A world is what a template may meet: the alert's labels and value, and what queries find.
type world struct {
	labels map[string]string
	// The server's own.
	external map[string]string
	sample   promql.Sample
	found    promql.Vector
	// Where the server says that it is.
	here *url.URL
}

func address(text string) *url.URL {
	parsed, err := url.Parse(text)
	if err != nil {
		panic(err)
	}
	return parsed
}

var (
	promql_    = parser.NewParser(parser.Options{})
	addresses  = []*url.URL{address("http://prometheus.example:9090/prefix"), address("https://x/")}
	quoted     = regexp.MustCompile("\"([^\"\\\\]*)\"|`([^`]*)`")
	number     = regexp.MustCompile(`[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?`)
	name       = regexp.MustCompile(`\.([\pL_][\pL\d_]*)`)
	calls      = regexp.MustCompile(`\{\{-?\s*(template|block)`)
	usual      = []string{"instance", "job", "severity", "le", "alertname", "__value__"}
	labelTexts = []string{"host-1:9100", "", "5", "5m", `"x"`, "up"}
	values     = []float64{5, 0, -1.5, 1e300, math.NaN(), math.Inf(1)}
)

func main() {
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(make([]byte, 1<<20), 1<<26)
	output := bufio.NewWriter(os.Stdout)
	defer output.Flush()
	encoder := json.NewEncoder(output)
	for input.Scan() {
		var text string
		if err := json.Unmarshal(input.Bytes(), &text); err != nil {
			panic(err)
		}
		if err := encoder.Encode(judge(text)); err != nil {
			panic(err)
		}
	}
}

func judge(text string) verdict {
	var said verdict
	if err := expander(text, world{here: addresses[0]}).ParseTest(); err != nil {
		said.Parse = err.Error()
		return said
	}
	for i, w := range worlds(text) {
		// Templates that call one another may do so for ever: a hundred thousand levels of each is enough of two worlds.
		if i >= 2 && calls.MatchString(text) && said.Failed == said.Worlds && strings.Contains(said.Error, "depth") {
			break
		}
		// One world that it fails in and one that it doesn't say all.
		if said.Failed > 0 && said.Failed < said.Worlds {
			break
		}
		said.Worlds++
		result, err := expander(text, w).Expand()
		if err != nil {
			said.Failed++
			if said.Error == "" {
				said.Error = short(err.Error())
			}
		} else if said.Output == "" {
			said.Output = short(result)
		}
	}
	return said
}

func short(text string) string {
	if len(text) > 400 {
		return text[:400]
	}
	return text
}

func expander(text string, w world) *template.Expander {
	find := func(_ context.Context, query string, _ time.Time) (promql.Vector, error) {
		expr, err := promql_.ParseExpr(query)
		if err != nil {
			return nil, err
		}
		switch expr.Type() {
		case parser.ValueTypeVector:
			// A query that ends so finds something whatever there is.
			if len(w.found) == 0 && strings.Contains(query, "vector(") {
				return promql.Vector{{F: 0}}, nil
			}
			return w.found, nil
		case parser.ValueTypeScalar:
			return promql.Vector{{F: 1}}, nil
		}
		return nil, errors.New("rule result is not a vector or scalar")
	}
	data := template.AlertTemplateData(w.labels, w.external, w.here.String(), w.sample)
	return template.NewTemplateExpander(context.Background(), definitions+text, "__alert_x", data, 1700000000000, find, w.here, nil)
}

// The worlds of a template: texts and numbers that stand in it may be what its conditions ask for.
func worlds(text string) []world {
	texts, numbers := append([]string{}, labelTexts...), append([]float64{}, values...)
	for _, match := range quoted.FindAllStringSubmatch(text, 6) {
		texts = append(texts, match[1]+match[2])
	}
	for _, match := range number.FindAllString(text, 4) {
		if value, err := strconv.ParseFloat(match, 64); err == nil {
			numbers = append(numbers, value, value+0.5, value-0.5)
		}
	}
	names := append([]string{addresses[0].String(), addresses[1].String()}, usual...)
	for _, match := range name.FindAllStringSubmatch(text, -1) {
		names = append(names, match[1])
	}
	for _, match := range quoted.FindAllStringSubmatch(text, -1) {
		names = append(names, match[1]+match[2])
	}
	next := sequence(uint32(len(text)))
	all := []world{}
	for i := range 60 {
		set := map[string]string{}
		same := texts[next(len(texts))]
		for _, name := range names {
			label := same
			// In two worlds of three labels differ from one another.
			if i%3 != 0 {
				label = texts[next(len(texts))]
			}
			if label != "" {
				set[name] = label
			}
		}
		external := map[string]string{"cluster": "a"}
		if i%2 == 0 {
			external = set
		}
		value := numbers[next(len(numbers))]
		all = append(all, world{set, external, promql.Sample{F: value}, vector(next(3), value, labels.FromMap(set)), addresses[i%2]})
	}
	h := &histogram.FloatHistogram{Count: 3, Sum: 4, ZeroThreshold: 0.001, ZeroCount: 3}
	found := promql.Vector{{H: h, Metric: labels.FromStrings("job", "x")}, {H: h, Metric: labels.FromStrings("job", "y")}}
	all = append(all, world{map[string]string{}, nil, promql.Sample{H: h}, found, addresses[0]})
	return append(all, world{map[string]string{"job": "x"}, nil, promql.Sample{H: h}, nil, addresses[1]})
}

// Numbers that look random and are the same each time.
func sequence(state uint32) func(below int) int {
	return func(below int) int {
		state = state*1664525 + 1013904223
		return int(uint64(state) * uint64(below) >> 32)
	}
}

func vector(length int, value float64, set labels.Labels) promql.Vector {
	found := promql.Vector{}
	for i := range length {
		found = append(found, promql.Sample{F: value + float64(i), Metric: set})
	}
	return found
}
