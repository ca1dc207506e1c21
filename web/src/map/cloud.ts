// A cloud of points by WebGL: one buffer of places, one of colours, drawn in one call. Knows nothing of traders.

export interface View {
    x: number; // what of the data is in the middle
    y: number;
    scale: number; // pixels for a unit of the data
}

const VERTEX = `#version 300 es
in vec2 place; in vec4 color; uniform vec2 middle; uniform vec2 zoom; uniform float size; out vec4 shade;
void main() { gl_Position = vec4((place - middle) * zoom, 0.0, 1.0); gl_PointSize = color.a > 0.9 ? size * 1.6 : size; shade = color; }`;
const FRAGMENT = `#version 300 es
precision mediump float; in vec4 shade; out vec4 result;
void main() { float r = length(gl_PointCoord - 0.5) * 2.0; float a = 1.0 - smoothstep(0.75, 1.0, r); if (a <= 0.0) discard; result = vec4(shade.rgb, shade.a * a); }`;

function shader(gl: WebGL2RenderingContext, kind: number, source: string): WebGLShader {
    const made = gl.createShader(kind)!;
    gl.shaderSource(made, source);
    gl.compileShader(made);
    if (!gl.getShaderParameter(made, gl.COMPILE_STATUS) && !gl.isContextLost())
        throw new Error(gl.getShaderInfoLog(made) ?? 'a shader does not compile');
    return made;
}

export class Cloud {
    private readonly gl: WebGL2RenderingContext;
    private readonly program: WebGLProgram;
    private readonly places: WebGLBuffer;
    private readonly colors: WebGLBuffer;
    private count = 0;
    view: View = { x: 0, y: 0, scale: 1 };

    /** Throws where there is no WebGL 2. */
    constructor(private readonly canvas: HTMLCanvasElement) {
        const gl = canvas.getContext('webgl2', { antialias: false, premultipliedAlpha: false, alpha: true });
        if (!gl) throw new Error('this browser has no WebGL 2');
        this.gl = gl;
        this.program = gl.createProgram()!;
        gl.attachShader(this.program, shader(gl, gl.VERTEX_SHADER, VERTEX));
        gl.attachShader(this.program, shader(gl, gl.FRAGMENT_SHADER, FRAGMENT));
        gl.linkProgram(this.program);
        gl.useProgram(this.program);
        this.places = this.attribute('place', 2, gl.FLOAT);
        this.colors = this.attribute('color', 4, gl.UNSIGNED_BYTE);
        gl.enable(gl.BLEND);
        gl.blendFuncSeparate(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA, gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    }

    private attribute(name: string, parts: number, type: number): WebGLBuffer {
        const { gl } = this;
        const buffer = gl.createBuffer();
        const at = gl.getAttribLocation(this.program, name);
        gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
        gl.enableVertexAttribArray(at);
        gl.vertexAttribPointer(at, parts, type, type === gl.UNSIGNED_BYTE, 0, 0);
        return buffer;
    }

    /** x and y one after the other. */
    setPlaces(places: Float32Array) {
        this.count = places.length / 2;
        this.gl.bindBuffer(this.gl.ARRAY_BUFFER, this.places);
        this.gl.bufferData(this.gl.ARRAY_BUFFER, places, this.gl.STATIC_DRAW);
    }

    /** Red, green, blue, opacity; a point that is almost opaque is drawn larger. */
    setColors(colors: Uint8Array) {
        this.gl.bindBuffer(this.gl.ARRAY_BUFFER, this.colors);
        this.gl.bufferData(this.gl.ARRAY_BUFFER, colors, this.gl.STATIC_DRAW);
    }

    draw() {
        const { gl, canvas, view } = this;
        const density = devicePixelRatio || 1;
        const width = Math.round(canvas.clientWidth * density);
        const height = Math.round(canvas.clientHeight * density);
        if (canvas.width !== width || canvas.height !== height) {
            canvas.width = width;
            canvas.height = height;
        }
        gl.viewport(0, 0, width, height);
        gl.clearColor(0, 0, 0, 0);
        gl.clear(gl.COLOR_BUFFER_BIT);
        const at = (name: string) => gl.getUniformLocation(this.program, name);
        gl.uniform2f(at('middle'), view.x, view.y);
        gl.uniform2f(at('zoom'), (2 * view.scale) / canvas.clientWidth, (2 * view.scale) / canvas.clientHeight);
        // Many points are small, few are large; closer by they grow a little.
        gl.uniform1f(
            at('size'),
            density *
                Math.max(
                    2,
                    Math.min(
                        9,
                        2.2 + 3 * Math.log10(20000 / Math.max(200, this.count)) + Math.log2(1 + view.scale / 60),
                    ),
                ),
        );
        gl.drawArrays(gl.POINTS, 0, this.count);
    }

    toData(x: number, y: number): [number, number] {
        const { view, canvas } = this;
        return [
            view.x + (x - canvas.clientWidth / 2) / view.scale,
            view.y - (y - canvas.clientHeight / 2) / view.scale,
        ];
    }

    release() {
        this.gl.getExtension('WEBGL_lose_context')?.loseContext();
    }
}
