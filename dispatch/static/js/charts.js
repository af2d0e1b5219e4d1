// Charts of the statistics pages, drawn by ECharts. The numbers stand beside them as a table, so a chart is a picture.

const LIBRARY = new URL('../vendor/echarts/echarts.common.min.js', import.meta.url);
const dark = window.matchMedia('(prefers-color-scheme: dark)');
const paper = window.matchMedia('print'); // two charts stand side by side there

let loading;

export async function wire(element) {
  const echarts = await library();
  const question = JSON.parse(element.dataset.chart);
  const chart = echarts.init(element, null, { renderer: 'svg' });
  const draw = () => chart.setOption(options(question, element.clientWidth), true);
  draw();
  dark.addEventListener('change', draw);
  const fit = () => { chart.resize(); draw(); };
  new ResizeObserver(fit).observe(element);
  window.addEventListener('beforeprint', fit);
  paper.addEventListener('change', fit);
}

function library() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = LIBRARY;
    script.onload = () => resolve(window.echarts);
    script.onerror = reject;
    document.head.append(script);
  });
  return loading;
}

function options({ kind, labels, series, unit }, width_px) {
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const ink = colour('--ink');
  const font = { color: ink, fontFamily: colour('--font'), fontSize: 13 };
  const lying = kind === 'lying'; // names too long to stand under a bar: they stand before it
  const names = { type: 'category', data: labels, inverse: lying, axisLabel: { ...font, ...(lying ? { overflow: 'break', width: width_px / 3, lineHeight: 18 } : labelsIn(width_px, labels.length)) }, axisLine: { lineStyle: { color: colour('--line-strong') } } };
  const amounts = { type: 'value', axisLabel: { ...font, hideOverlap: true }, minInterval: 1, splitLine: { lineStyle: { color: colour('--line') } } };
  return {
    animation: false, // paper would catch it half way
    color: [colour('--brand'), colour('--warn'), colour('--success'), colour('--planned'), colour('--error'), colour('--idle')],
    textStyle: font,
    grid: { left: 8, right: 16, top: series.length > 1 ? 40 : 16, bottom: 8, containLabel: true },
    legend: { show: series.length > 1, top: 0, left: 0, textStyle: font },
    // drawn in the picture: an HTML tooltip would bring inline styles, which our pages forbid
    tooltip: { trigger: 'axis', renderMode: 'richText', confine: true, valueFormatter: (value) => `${value ?? '–'} ${unit}`.trim() },
    xAxis: lying ? amounts : names,
    yAxis: lying ? names : amounts,
    series: series.map(({ name, values }) => ({
      name,
      data: values,
      type: kind === 'line' ? 'line' : 'bar',
      stack: kind === 'stacked' ? 'all' : undefined,
      barMaxWidth: 44,
      symbolSize: 8,
      connectNulls: false,
    })),
  };
}

// A few labels are all shown, broken into lines; of many, as many as fit.
function labelsIn(width_px, count) {
  return count > 8 ? { hideOverlap: true } : { interval: 0, overflow: 'break', width: (width_px - 60) / count };
}
