// One viewport: what is drawn, and how large, how light, how turned.

import { Enums, metaData, type StackViewport } from "@cornerstonejs/core";
import { numbers, text, type Attributes } from "./attributes";
import { edges, type Edges } from "./orientation";
import { adjusted, type Range } from "./presets";

const PROJECTIONS = new Set(["CR", "DX", "MG", "RF", "XA", "PX", "IO", "RG"]);
const LETTERS: Record<string, readonly number[]> = {
  L: [1, 0, 0], R: [-1, 0, 0], P: [0, 1, 0], A: [0, -1, 0], H: [0, 0, 1], F: [0, 0, -1],
};

/** The drawing of a series' frames. */
export class Picture {
  private fitted = 1;

  constructor(
    readonly viewport: StackViewport,
    private readonly element: HTMLElement,
    private readonly changed: () => void,
  ) {
    element.addEventListener(Enums.Events.IMAGE_RENDERED, () => changed());
  }

  /** Draw another series, beginning at a frame that has been fetched. */
  async open(imageIds: string[], at: number): Promise<void> {
    await this.viewport.setStack(imageIds, at);
    this.reset();
  }

  /** Draw another frame of the series. */
  async show(at: number): Promise<void> {
    await this.viewport.setImageIdIndex(at);
    this.viewport.render();
  }

  /** As large as fits, as light as the file says, not turned. */
  reset(): void {
    this.viewport.resetProperties();
    this.viewport.resetCamera();
    this.viewport.setViewPresentation({ rotation: 0 });
    this.fitted = this.viewport.getZoom() || 1;
    this.viewport.render();
  }

  /** Make it larger (above 1) or smaller. */
  zoom(factor: number): void {
    const wanted = Math.min(20, Math.max(0.2, (this.viewport.getZoom() / this.fitted) * factor));
    this.viewport.setZoom(wanted * this.fitted);
    this.viewport.render();
  }

  /** Move it by pixels of the screen. */
  pan(right: number, down: number): void {
    const [x, y] = this.viewport.getPan();
    this.viewport.setPan([x + right, y + down]);
    this.viewport.render();
  }

  /** Turn it a quarter to the right. */
  turn(): void {
    this.viewport.setViewPresentation({ rotation: (this.turned + 90) % 360 });
    this.viewport.render();
  }

  /** Choose what is drawn from black to white; undefined is what the file says. */
  window(range: Range | undefined): void {
    if (range) this.viewport.setProperties({ voiRange: range });
    else this.viewport.resetProperties();
    this.viewport.render();
  }

  /** Lighter and of more contrast, in shares of the present width. A picture of inverted greys goes the same way. */
  adjust(light: number, contrast: number): void {
    const { voiRange, invert } = this.viewport.getProperties();
    if (voiRange) this.window(adjusted(voiRange, invert ? -light : light, contrast));
  }

  /** How large, in percent of what fits. */
  get percent(): number {
    return Math.round((this.viewport.getZoom() / this.fitted) * 100);
  }

  /** By how many degrees it is turned to the right. */
  get turned(): number {
    return Math.round(this.viewport.getViewPresentation().rotation ?? 0) % 360;
  }

  /** Which side of the patient lies at each edge; undefined when the file does not say. */
  sides(header: Attributes): Edges | undefined {
    const axes = this.axes(header);
    if (!axes) return undefined;
    const [right, down] = [this.direction(100, 0), this.direction(0, 100)];
    return edges(axes(right), axes(down));
  }

  /** How many mm of the body a pixel of the screen covers; undefined when it is not known for the body itself. */
  millimetres(header: Attributes): number | undefined {
    const isCalibrated = !PROJECTIONS.has(text(header, "00080060")) || header["00280A02"] !== undefined;
    const plane = this.plane();
    if (!isCalibrated || !plane?.columnPixelSpacing || plane.usingDefaultValues) return undefined;
    return Math.hypot(...this.direction(100, 0)) / 100;
  }

  private direction(x: number, y: number): [number, number, number] {
    const [from, to] = [this.viewport.canvasToWorld([0, 0]), this.viewport.canvasToWorld([x, y])];
    return [to[0] - from[0], to[1] - from[1], to[2] - from[2]];
  }

  // From the directions of the drawing to those of the patient. A projection names its rows and columns by letters.
  private axes(header: Attributes): ((drawn: readonly number[]) => readonly number[]) | undefined {
    if (numbers(header, "00200037").length === 6 || this.isPlaced()) return (drawn) => drawn;
    const [row, column] = (header["00200020"]?.Value ?? []).map((value) => LETTERS[String(value).trim()[0] ?? ""]);
    if (!row || !column) return undefined;
    return ([x = 0, y = 0]) => row.map((part, at) => part * x + column[at]! * y);
  }

  private isPlaced(): boolean {
    const plane = this.plane();
    return plane?.imageOrientationPatient?.length === 6 && !plane.usingDefaultValues;
  }

  private plane() {
    const imageId = this.viewport.getCurrentImageId();
    return imageId ? (metaData.get("imagePlaneModule", imageId) as Plane | undefined) : undefined;
  }
}

interface Plane {
  columnPixelSpacing?: number;
  imageOrientationPatient?: number[];
  usingDefaultValues?: boolean;
}
