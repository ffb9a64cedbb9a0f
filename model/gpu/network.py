"""HRM and TRM as functions of named tensors (keys as published, without their prefix).

Symbols in shapes: B batch, S sequence with the puzzle's own positions in front, D hidden_size,
V vocab_size, P positions of the puzzle embedding. What flows between blocks has the compute type
(float32, or bfloat16 for work); norms are taken in float32; master weights are float32.
"""

import math

import torch
import torch.nn.functional as F


def rms(x, dim, eps):
    """x over its root mean square along dim; no weight."""
    f = x.float()
    return (f * torch.rsqrt(f.square().mean(dim, keepdim=True) + eps)).to(x.dtype)


def swiglu(gate_up, dim, normed, eps):
    gate, up = gate_up.chunk(2, dim)
    if normed:  # arXiv 2601.19085
        return torch.sigmoid(gate) * rms(gate * up, dim, eps)
    return F.silu(gate) * up


def rotate(x, cos, sin):
    """Rotary positions of x (B, heads, S, d), in float32."""
    f = x.float()
    half = f.shape[-1] // 2
    turned = torch.cat((-f[..., half:], f[..., :half]), -1)
    return (f * cos + turned * sin).to(x.dtype)


class Level:
    """One module, z = blocks(z + injection): the part that is compiled."""

    def __init__(self, arch, mixing, device):
        self.arch = arch
        self.mixing = mixing
        self.cos = self.sin = None
        if arch.pos_encodings == "rope" and not mixing:
            d = arch.head_dim
            power = torch.arange(0, d, 2, dtype=torch.float32) / d
            angles = torch.outer(torch.arange(arch.sequence).float(), arch.rope_theta**-power)
            angles = torch.cat((angles, angles), -1)
            self.cos, self.sin = angles.cos().to(device), angles.sin().to(device)

    def prepare(self, weights, dtype):
        """Weights as the blocks use them; a mixer's first is stored transposed, which keeps its
        rows aligned where S is odd."""
        blocks = []
        for mix_in, mix_out, gate_up, down in weights:
            mix_in = mix_in.to(dtype)
            mix_in = mix_in.t().contiguous() if self.mixing else mix_in
            blocks.append((mix_in, mix_out.to(dtype), gate_up.to(dtype), down.to(dtype)))
        return tuple(blocks)

    def forward(self, blocks, z, injection):
        """blocks of prepare; z, injection (B, S, D); gives the new z."""
        x = z + injection
        a, eps = self.arch, self.arch.rms_norm_eps
        for mix_in, mix_out, gate_up, down in blocks:
            if self.mixing:  # over S, with the norm over S as well; nothing is transposed
                inner = torch.bmm(mix_in.t().expand(x.shape[0], -1, -1), x)  # (B, 2 inter, D)
                inner = swiglu(inner, 1, a.swiglu_norm, eps)
                x = rms(x + torch.bmm(mix_out.expand(x.shape[0], -1, -1), inner), 1, eps)
            else:
                x = rms(x + self._attention(mix_in, mix_out, x), -1, eps)
            inner = swiglu(F.linear(x, gate_up), -1, a.swiglu_norm, eps)
            x = rms(x + F.linear(inner, down), -1, eps)
        return x

    def _attention(self, qkv, out, x):
        b, s, d = x.shape
        a = self.arch
        heads = F.linear(x, qkv).view(b, s, 3, a.num_heads, a.head_dim).permute(2, 0, 3, 1, 4)
        q, k, v = heads.unbind(0)  # (B, heads, S, d)
        if self.cos is not None:
            q, k = rotate(q, self.cos, self.sin), rotate(k, self.cos, self.sin)
        mixed = F.scaled_dot_product_attention(q, k, v)
        return F.linear(mixed.transpose(1, 2).reshape(b, s, d), out)


class Network:
    """The model of one arch: embedding, levels and heads over any set of its weights."""

    def __init__(self, arch, device, dtype, compiler=None):
        self.arch = arch
        self.dtype = dtype
        wrap = compiler or (lambda f: f)
        names = ("L_level",) if arch.single_net else ("L_level", "H_level")
        kinds = {mixing: Level(arch, mixing, device) for mixing in set(arch.mixing.values())}
        calls = {mixing: wrap(level.forward) for mixing, level in kinds.items()}
        self.levels = {name: kinds[arch.mixing[name]] for name in names}
        self.calls = {name: calls[arch.mixing[name]] for name in names}
        self.names = {}
        for name in names:
            layers = arch.L_layers if name == "L_level" else arch.H_layers
            block = arch.block(arch.mixing[name])
            self.names[name] = [
                [f"{name}.layers.{i}.{part}.weight" for part, _ in block] for i in range(layers)
            ]

    def _prepared(self, w, name):
        blocks = [[w[key] for key in block] for block in self.names[name]]
        return self.levels[name].prepare(blocks, self.dtype)

    def embed(self, w, inputs, puzzle):
        """(B, S, D) in the compute type; puzzle (B, ndim) holds the rows' own vectors, or None."""
        a = self.arch
        # A product with one-hot rows: exact, and its gradient is a product too, not a sort.
        tokens = torch.arange(a.vocab_size, device=inputs.device)
        chosen = (inputs[..., None] == tokens).to(self.dtype)
        x = chosen @ w["embed_tokens.embedding_weight"].to(self.dtype)
        if puzzle is not None:
            room = a.prefix * a.hidden_size
            p = F.pad(puzzle.to(self.dtype), (0, room - a.ndim)).view(-1, a.prefix, a.hidden_size)
            x = torch.cat((p, x), 1)
        if a.pos_encodings == "learned":
            x = 0.707106781 * (x + w["embed_pos.embedding_weight"].to(self.dtype))
        return math.sqrt(a.hidden_size) * x

    def segment(self, w, z_h, z_l, emb, h_cycles, l_cycles, taped=0):
        """One segment from a carry; the last `taped` L calls and the last H call with gradient."""
        low = "L_level"
        high = "L_level" if self.arch.single_net else "H_level"
        with torch.no_grad():
            fixed = {name: tensor.detach() for name, tensor in w.items()}
            plain = {name: self._prepared(fixed, name) for name in self.levels}
        for cycle in range(h_cycles):
            last = cycle == h_cycles - 1
            taking = last and taped > 0
            with torch.set_grad_enabled(taking):
                injection = z_h + emb
            for tick in range(l_cycles):
                grad = taking and tick >= l_cycles - taped
                z_l = self._call(w, plain, low, z_l, injection, grad)
            z_h = self._call(w, plain, high, z_h, z_l, taking)
        return z_h, z_l

    def _call(self, w, plain, name, z, injection, grad):
        if not grad:
            with torch.no_grad():
                return self.calls[name](plain[name], z, injection.detach())
        if not z.requires_grad:  # one graph for all calls on tape: each takes a z with gradient
            z = z.detach().requires_grad_()
        return self.calls[name](self._prepared(w, name), z, injection)

    def heads(self, w, z_h):
        """Logits of the cells (B, seq_len, V), q_halt (B), q_continue (B)."""
        logits = F.linear(z_h, w["lm_head.weight"].to(z_h.dtype))[:, self.arch.prefix :]
        weight, bias = w["q_head.weight"].to(z_h.dtype), w["q_head.bias"].to(z_h.dtype)
        q = F.linear(z_h[:, 0], weight, bias).float()
        return logits, q[:, 0], q[:, 1]

    def halts(self, q_halt, q_continue):
        return q_halt > (0 if self.arch.no_ACT_continue else q_continue)


def random_weights(arch, seed):
    """The published initialisation: truncated normals of standard deviation 1/sqrt(fan-in)."""
    g = torch.Generator().manual_seed(seed)
    edge = math.erf(2 / math.sqrt(2))
    weights = {}
    for name, shape in arch.shapes().items():
        if name == "q_head.bias":
            weights[name] = torch.full(shape, -5.0)
        elif name.startswith(("q_head", "puzzle_emb")):
            weights[name] = torch.zeros(shape)
        else:
            fan = arch.hidden_size if name.startswith("embed") else shape[-1]
            std = 1.0 if name.endswith("_init") else 1 / math.sqrt(fan)
            u = (2 * torch.rand(shape, generator=g, dtype=torch.float64) - 1) * edge
            # A normal cut off at 2 deviations, widened so that its deviation is std.
            x = std * 1.1368472343385565 * math.sqrt(2) * torch.erfinv(u)
            weights[name] = x.float()
    return weights
