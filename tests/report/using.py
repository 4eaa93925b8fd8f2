"""How a page is used in a test: what is entered into it, and what its gates show."""

from .conftest import number, settled

GATES = """async (places) => {
  const panels = document.getElementById("panels");
  const drawn = async () => {
    do await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    while (panels.ariaBusy === "true");
  };
  const found = [];
  for (const place of places) {
    for (const [name, value] of Object.entries(place)) {
      const slider = document.getElementById(`at-${name}`);
      slider.value = value;
      slider.dispatchEvent(new Event("input"));
    }
    await drawn();
    const cells = [...document.querySelectorAll("#gates .numbers td")];
    found.push(Object.fromEntries(cells.map((cell) => [cell.dataset.name, cell.textContent])));
  }
  return found;
}"""


def gates_at(tab, places):
    """The numbers of all gates and states that the page shows at each of some places."""
    found = tab.evaluate(GATES, places)
    return [{name: number(text) for name, text in one.items()} for one in found]


def enter(locator, value, kind="input"):
    """Give a field of the page a value, and wait until all panels show what follows."""
    locator.evaluate(
        "(one, [value, kind]) => { one.value = value; one.dispatchEvent(new Event(kind)); }",
        [value, kind],
    )
    settled(locator.page)
