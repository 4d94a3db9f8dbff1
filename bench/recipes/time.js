// Nanoseconds per element of each candidate: node time.js plain candidates.js | node time.js wasm module.wasm
const fs = require('fs');
const COUNT = 4096;
const [, , kind, file] = process.argv;

function inputs(log, x) {
  const bits = new Uint32Array(x.buffer);
  let s = 1;
  for (let i = 0; i < COUNT; i++) {
    s = (Math.imul(s, 1664525) + 1013904223) | 0;
    if (log) bits[i] = 0x35800000 + (s >>> 4) % 0x14000000;
    else x[i] = (s >> 8) * 2 ** -20;
  }
}

function median(run) {
  const times = [];
  run(300);
  for (let t = 0; t < 15; t++) {
    const start = process.hrtime.bigint();
    run(40);
    times.push(Number(process.hrtime.bigint() - start) / (40 * COUNT));
  }
  return times.sort((a, b) => a - b)[7];
}

const hex = (h) => (h >>> 0).toString(16).padStart(8, '0');
if (kind === 'wasm') {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(fs.readFileSync(file)), {});
  for (const name of Object.keys(exports).filter((n) => n.endsWith('_'))) {
    exports.fill(name.startsWith('log_') ? 1 : 0);
    const ns = median((times) => exports[name](times));
    console.log(name.slice(0, -1), ns.toFixed(3), hex(exports.sum()));
  }
} else {
  const source = fs.readFileSync(file, 'utf8');
  const names = [...source.matchAll(/\['(\w+)', \w+, '(\w+)'\]/g)];
  const x = new Float32Array(COUNT), y = new Float32Array(COUNT), bits = new Int32Array(y.buffer);
  for (const [, name, f] of names) {
    // A fresh copy of the code per candidate: no type feedback is shared.
    const body = new Function(`${source}; return (x, y) => { for (let i = 0; i < x.length; i++) y[i] = ${name}(x[i]); };`)();
    inputs(f === 'log', x);
    const ns = median((times) => { for (let i = 0; i < times; i++) body(x, y); });
    let h = 0;
    for (const b of bits) h = (Math.imul(h, 31) + b) | 0;
    console.log(name, ns.toFixed(3), hex(h));
  }
}
