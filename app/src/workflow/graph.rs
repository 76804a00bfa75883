//! The graph of a workflow, drawn: steps in columns by how far they lie from the beginning, and an arrow for each need.

use domain::workflow::{Definition, Graph, StepName};
use leptos::prelude::*;

const WIDE: usize = 168;
const HIGH: usize = 46;
/// Five columns stand beside one another on a usual screen.
const BETWEEN_COLUMNS: usize = 44;
const BETWEEN_ROWS: usize = 20;
const MARGIN: usize = 8;

struct Spot {
    x: usize,
    y: usize,
}

/// Nothing if the steps are no graph; what was applied always is one.
pub fn drawing(definition: &Definition) -> Option<impl IntoView + use<>> {
    let graph = Graph::of(definition).ok()?;
    let mut in_column: Vec<usize> = Vec::new();
    let spots: Vec<Spot> = (0..definition.steps.len())
        .map(|place| {
            let column = graph.level(place);
            if in_column.len() <= column {
                in_column.resize(column + 1, 0);
            }
            let row = in_column.get_mut(column).map_or(0, |rows| {
                *rows += 1;
                *rows - 1
            });
            Spot { x: MARGIN + column * (WIDE + BETWEEN_COLUMNS), y: MARGIN + row * (HIGH + BETWEEN_ROWS) }
        })
        .collect();
    let columns = in_column.len();
    let rows = in_column.iter().copied().max().unwrap_or_default();
    let width = 2 * MARGIN + columns * (WIDE + BETWEEN_COLUMNS) - BETWEEN_COLUMNS;
    let height = 2 * MARGIN + rows * (HIGH + BETWEEN_ROWS) - BETWEEN_ROWS;
    let place_of = |name: &StepName| definition.steps.iter().position(|step| step.name == *name);
    let arrows: Vec<_> = definition
        .steps
        .iter()
        .zip(&spots)
        .flat_map(|(step, to)| step.needs.iter().map(move |needs| (needs, to)))
        .filter_map(|(needs, to)| Some(arrow(spots.get(place_of(needs)?)?, to)))
        .map(|path| view! { <path class="graph-arrow" d=path marker-end="url(#graph-tip)" /> })
        .collect();
    let boxes: Vec<_> = definition
        .steps
        .iter()
        .zip(&spots)
        .map(|(step, Spot { x, y })| {
            let (kind, name) = (step.kind.word(), step.name.to_string());
            let condition = step.when.as_ref().map_or("", |_| " · if");
            view! {
                <g transform=format!("translate({x} {y})")>
                    <rect class="graph-step" width=WIDE height=HIGH rx="8" />
                    <text class="graph-name" x="12" y="20">{short(&name)}</text>
                    <text class="graph-kind" x="12" y="36">{format!("{kind}{condition}")}</text>
                </g>
            }
        })
        .collect();
    let says = format!("{} steps; the table below names each with those it needs.", definition.steps.len());
    Some(view! {
        <div class="graph" tabindex="0" role="group" aria-label="The steps, drawn">
            <svg width=width height=height viewBox=format!("0 0 {width} {height}") role="img" aria-label=says>
                <defs>
                    <marker id="graph-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
                        <path class="graph-tip" d="M0 0 8 4 0 8Z" />
                    </marker>
                </defs>
                {arrows}
                {boxes}
            </svg>
        </div>
    })
}

/// From the right side of one box to the left side of another.
fn arrow(from: &Spot, to: &Spot) -> String {
    let (x1, y1) = (from.x + WIDE, from.y + HIGH / 2);
    let (x2, y2) = (to.x, to.y + HIGH / 2);
    let middle = usize::midpoint(x1, x2);
    format!("M{x1} {y1} C{middle} {y1} {middle} {y2} {x2} {y2}")
}

/// As much of a name as a box holds; the table has the whole.
fn short(name: &str) -> String {
    const MOST: usize = 18;
    if name.len() <= MOST {
        name.to_owned()
    } else {
        format!("{}…", name.chars().take(MOST - 1).collect::<String>())
    }
}
