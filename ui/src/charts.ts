/** ECharts, only what our charts need: bars as SVG, with a description for screen readers, in the page's own colours. */
import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use, type ComposeOption, type EChartsType } from "echarts/core";
import type { BarSeriesOption, LineSeriesOption } from "echarts/charts";
import type { AriaComponentOption, GridComponentOption, MarkLineComponentOption, TooltipComponentOption } from "echarts/components";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, LineChart, AriaComponent, GridComponent, MarkLineComponent, TooltipComponent, SVGRenderer]);

export type Option = ComposeOption<
  BarSeriesOption | LineSeriesOption | AriaComponentOption | GridComponentOption | MarkLineComponentOption | TooltipComponentOption
>;

const FACE = '"Esep Sans", "Segoe UI", system-ui, sans-serif';

/** A chart that fills an element; keeps its size with it. */
export function drawnIn(element: HTMLElement): { readonly show: (option: Option) => void; readonly end: () => void } {
  const chart: EChartsType = init(element, null, { renderer: "svg" });
  const watch = new ResizeObserver(() => chart.resize());
  watch.observe(element);
  return {
    show: (option) => chart.setOption({ animation: false, textStyle: { fontFamily: FACE }, ...option }, true),
    end: () => (watch.disconnect(), chart.dispose()),
  };
}

/** A colour of tokens.css as it is now, light or dark. */
export function colour(token: string): string {
  const probe = document.createElement("i");
  probe.style.setProperty("color", `var(--${token})`);
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}
