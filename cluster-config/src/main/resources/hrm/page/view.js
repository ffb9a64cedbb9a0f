/** The rendering library, and a component that renders again only when a property or its state changed. */
import { Component } from '../lib/preact/preact.module.js';

export { h, render, Component, Fragment, createRef } from '../lib/preact/preact.module.js';

const same = (a, b) =>
  a === b ||
  (a && b && Object.keys(a).length === Object.keys(b).length && Object.keys(a).every((key) => a[key] === b[key]));

export class Pure extends Component {
  shouldComponentUpdate(props, state) {
    return !same(this.props, props) || !same(this.state, state);
  }
}

/** Calls `report(width, height)` now and whenever the element's content box changes; returns the undoing. */
export function measure(element, report) {
  const observer = new ResizeObserver(([entry]) =>
    report(Math.floor(entry.contentRect.width), Math.floor(entry.contentRect.height)),
  );
  observer.observe(element);
  return () => observer.disconnect();
}

export const narrow = matchMedia('(max-width: 700px)');
export const still = matchMedia('(prefers-reduced-motion: reduce)');
